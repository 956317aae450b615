/**
 * Gradio's event queue. Wan2GP never calls `.queue()`, so every Python function has one slot for the whole server,
 * whoever calls it, and the number of waiting events has no limit. Two bindings of one function share the slot.
 * Follows `gradio/queueing.py` of 5.29. Knowingly missing: batching, time limits, streaming inputs.
 */
import type { Facts, Faults, VirtualClock } from '@squall/twin-kit'
import type { Point } from '../points.ts'
import type { Session } from '../session.ts'
import type { Dependency } from './dependency.ts'
import { diff } from './diff.ts'
import type { FunctionCall, GradioFunction, Outputs } from './function.ts'
import { complain, errorPayload } from './gradio-error.ts'
import { invoke } from './invoke.ts'
import type { Mailboxes } from './mailbox.ts'
import * as messages from './messages.ts'

/** One call in the queue. */
export type QueueEvent = {
  readonly id: string
  readonly sessionHash: string
  readonly session: Session
  readonly dependency: Dependency
  readonly values: readonly unknown[]
  readonly triggerId: number | undefined
  readonly root: string
  /** `/call` streams full values instead of diffs. */
  readonly simpleFormat: boolean
}

type Entry = QueueEvent & { alive: boolean; readonly cancelled: AbortController }
type Lane = { readonly waiting: Entry[]; running: Entry | undefined }
type Average = { readonly totalSeconds: number; readonly count: number }

/** The queue of one server. */
export class EventQueue {
  readonly #clock: VirtualClock
  readonly #faults: Faults<Point>
  readonly #mailboxes: Mailboxes
  readonly #dropped: (event: QueueEvent) => void
  readonly #lanes = new Map<GradioFunction, Lane>()
  readonly #averages = new Map<GradioFunction, Average>()

  /** `dropped` hears of events that were removed before they got a slot. */
  constructor(options: {
    clock: VirtualClock
    faults: Faults<Point>
    mailboxes: Mailboxes
    dropped: (event: QueueEvent) => void
  }) {
    this.#clock = options.clock
    this.#faults = options.faults
    this.#mailboxes = options.mailboxes
    this.#dropped = options.dropped
  }

  /** Number of events that wait for a slot. */
  get length(): number {
    return [...this.#lanes.values()].reduce((sum, lane) => sum + lane.waiting.length, 0)
  }

  /** Put an event at the end of its function's line and tell its session where it stands. */
  push(event: QueueEvent): void {
    const lane = this.#laneOf(event.dependency.fn)
    lane.waiting.push({ ...event, alive: true, cancelled: new AbortController() })
    this.#mailboxes.open(event.sessionHash).pending.add(event.id)
    this.#broadcast(lane, lane.waiting.length - 1)
    this.#pump(lane)
  }

  /** The stream of a session broke: forget its waiting events, and let running ones end at their next yield. */
  abandon(sessionHash: string): void {
    for (const lane of this.#lanes.values()) {
      if (lane.running?.sessionHash === sessionHash) lane.running.alive = false
      this.#remove(lane, (entry) => entry.sessionHash === sessionHash)
    }
  }

  /**
   * `/cancel`: gives up what the session runs of this dependency; the slot is free without waiting for the handler.
   * An event that waits is told to be complete and runs all the same when its turn comes (measured on 5.29.0).
   */
  cancel(sessionHash: string, fnIndex: number): void {
    for (const { running } of this.#lanes.values()) {
      if (running?.sessionHash === sessionHash && running.dependency.id === fnIndex) {
        running.cancelled.abort(new Error('cancelled'))
      }
    }
  }

  /** Whether an event of that id waits or runs. */
  knows(eventId: string): boolean {
    return [...this.#lanes.values()].some(
      ({ running, waiting }) => running?.id === eventId || waiting.some(({ id }) => id === eventId),
    )
  }

  #laneOf(fn: GradioFunction): Lane {
    const known = this.#lanes.get(fn)
    if (known !== undefined) return known
    const fresh: Lane = { waiting: [], running: undefined }
    this.#lanes.set(fn, fresh)
    return fresh
  }

  #remove(lane: Lane, isGone: (entry: Entry) => boolean): void {
    for (const entry of lane.waiting.filter(isGone)) {
      lane.waiting.splice(lane.waiting.indexOf(entry), 1)
      this.#dropped(entry)
    }
  }

  #pump(lane: Lane): void {
    const next = lane.running === undefined ? lane.waiting.shift() : undefined
    if (next === undefined) return
    lane.running = next
    this.#broadcast(lane, 0)
    void this.#process(next).finally(() => {
      if (lane.running === next) lane.running = undefined
      this.#pump(lane)
    })
  }

  #broadcast(lane: Lane, fromRank: number): void {
    for (const [rank, entry] of lane.waiting.entries()) {
      if (rank < fromRank) continue
      const eta = this.#averageSeconds(entry.dependency.fn)
      this.#send(
        entry,
        messages.estimation(entry.id, rank, lane.waiting.length, eta === null ? null : eta * (rank + 1)),
      )
    }
  }

  async #process(entry: Entry): Promise<void> {
    const slot = await this.#faults.step('wan2gp.queue.slot', factsOf(entry))
    if (slot.kind === 'skip') {
      this.#dropped(entry)
      return
    }
    const beginMs = this.#clock.now()
    this.#send(entry, messages.processStarts(entry.id, this.#averageSeconds(entry.dependency.fn)))
    try {
      const turns = invoke(entry.dependency, this.#callOf(entry))
      const finished = this.#deliver(entry, turns, beginMs)
      if ((await Promise.race([finished, cancellation(entry)])) !== 'completed') return
      const { totalSeconds, count } = this.#averages.get(entry.dependency.fn) ?? { totalSeconds: 0, count: 0 }
      this.#averages.set(entry.dependency.fn, {
        totalSeconds: totalSeconds + this.#secondsSince(beginMs),
        count: count + 1,
      })
    } catch (error) {
      if (entry.cancelled.signal.aborted) return
      complain(error)
      this.#send(entry, messages.processCompleted(entry.id, errorPayload(error), false))
    }
  }

  /** Send what the handler yields. Resolves to `abandoned` if the reader was gone at a yield. */
  async #deliver(
    entry: Entry,
    turns: ReturnType<typeof invoke>,
    beginMs: number,
  ): Promise<'completed' | 'abandoned'> {
    let before: Outputs | undefined
    for await (const { kind, values } of turns) {
      if (entry.cancelled.signal.aborted) return 'abandoned'
      const isGenerating = kind === 'yield'
      const data =
        isGenerating && before !== undefined && !entry.simpleFormat
          ? values.map((value, index) => diff(before?.[index], value))
          : values
      before = values
      const durationSeconds = this.#secondsSince(beginMs)
      const averageSeconds = this.#averageSeconds(entry.dependency.fn) ?? durationSeconds
      const output = messages.outputOf({ data, isGenerating, durationSeconds, averageSeconds })
      this.#send(
        entry,
        isGenerating
          ? messages.processGenerating(entry.id, output)
          : messages.processCompleted(entry.id, output, true),
      )
      if (isGenerating && !entry.alive) return 'abandoned'
    }
    return 'completed'
  }

  #callOf(entry: Entry): FunctionCall {
    return {
      eventId: entry.id,
      session: entry.session,
      values: entry.values,
      triggerId: entry.triggerId,
      root: entry.root,
      signal: entry.cancelled.signal,
      progress: (unit) => this.#send(entry, messages.progress(entry.id, [unit])),
      info: (text) => this.#send(entry, messages.log(entry.id, 'info', text)),
      warning: (text) => this.#send(entry, messages.log(entry.id, 'warning', text)),
    }
  }

  #send(entry: Entry, message: messages.Message): void {
    // An event that nobody listens to any more is silent; a mailbox that is gone comes back with the next join.
    if (entry.alive) this.#mailboxes.find(entry.sessionHash)?.put({ message, facts: factsOf(entry) })
  }

  #averageSeconds(fn: GradioFunction): number | null {
    const average = this.#averages.get(fn)
    return average === undefined ? null : average.totalSeconds / average.count
  }

  #secondsSince(beginMs: number): number {
    return (this.#clock.now() - beginMs) / 1000
  }
}

function factsOf({ sessionHash, id, dependency }: QueueEvent): Facts {
  return { sessionHash, eventId: id, fn: dependency.fn.name }
}

function cancellation(entry: Entry): Promise<'abandoned'> {
  return new Promise((resolve) => {
    entry.cancelled.signal.addEventListener('abort', () => resolve('abandoned'), { once: true })
  })
}
