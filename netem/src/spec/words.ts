/** A line of words read from left to right, as tc reads its arguments; each refusal says where it is. */
import { NetemError } from '../errors.ts'
import { looksLikeNumber, readNumber } from './units.ts'

/** Turns one word into a value; undefined when the word is no such thing. */
type Read<T> = (word: string) => T | undefined

export class Words {
  readonly #words: readonly string[]
  #next = 0

  constructor(text: string) {
    this.#words = text.split(/\s+/).filter((word) => word !== '')
  }

  get isAtEnd(): boolean {
    return this.#next >= this.#words.length
  }

  /** The next word. @throws NetemError when there is none. */
  take(what: string): string {
    const word = this.#words[this.#next]
    if (word === undefined) throw this.refuse(`${what} is missing at its end`)
    this.#next += 1
    return word
  }

  /** The next word if it is this one. */
  takeIf(expected: string): boolean {
    if (this.#words[this.#next] !== expected) return false
    this.#next += 1
    return true
  }

  takeAs<T>(what: string, read: Read<T>): T {
    const word = this.take(what)
    const value = read(word)
    if (value === undefined) throw this.refuse(`"${word}" is no ${what}`)
    return value
  }

  takeNumber(what: string): number {
    return this.takeAs(what, readNumber)
  }

  /** A value that may follow: there if the next word begins like a number. */
  takeOptional<T>(what: string, read: Read<T>): T | undefined {
    return looksLikeNumber(this.#words[this.#next]) ? this.takeAs(what, read) : undefined
  }

  refuse(reason: string): NetemError {
    const text = this.#words.join(' ')
    return new NetemError('bad-impairment', `Cannot read impairment "${text}": ${reason}`)
  }
}
