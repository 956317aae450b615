/**
 * What becomes of one question, whichever way it came: it passes untouched, fails, or waits. Counts what it did; a
 * question for a failing name that goes unanswered, wrongly answered or late is what the receipt is made of.
 */
import { sleep } from '../clock.ts'
import { failingAnswer, namesAsked } from './dns-message.ts'
import { canonicalName, type NamesFault } from './names-fault.ts'

export type NamesCounts = {
  /** Questions for the names that fail: told that there is none, told nothing, or answered late. */
  readonly failed: number
  readonly silenced: number
  readonly delayed: number
  /** Questions for other names, which went on untouched. */
  readonly passed: number
}

export type Judgement =
  | { readonly pass: true }
  | { readonly pass: false; readonly answer: Buffer | undefined }

export class NamesJudge {
  readonly #fault: NamesFault
  readonly #names: ReadonlySet<string>
  readonly #counts = { failed: 0, silenced: 0, delayed: 0, passed: 0 }
  /** Aborted when the fault ends: who waits need not wait any longer. */
  readonly #signal: AbortSignal

  constructor(fault: NamesFault, signal: AbortSignal) {
    this.#fault = fault
    this.#names = new Set(fault.names.map(canonicalName))
    this.#signal = signal
  }

  get counts(): NamesCounts {
    return { ...this.#counts }
  }

  /** Resolves when it is time to go on with the question. */
  async judge(question: Buffer): Promise<Judgement> {
    const { failure } = this.#fault
    if (this.#signal.aborted || !namesAsked(question).some((name) => this.#names.has(name))) {
      this.#counts.passed += 1
      return { pass: true }
    }
    if (failure === 'silence') {
      this.#counts.silenced += 1
      return { pass: false, answer: undefined }
    }
    if (typeof failure === 'string') {
      this.#counts.failed += 1
      return { pass: false, answer: failingAnswer(question, failure) }
    }
    this.#counts.delayed += 1
    await sleep(failure.slowMs, this.#signal).catch(() => undefined)
    return { pass: true }
  }
}
