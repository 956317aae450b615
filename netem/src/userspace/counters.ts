/**
 * What was done to the packets, in memory that both threads see: the worker counts, the main thread reads whenever it
 * likes. Numbers are doubles, written by one thread only and each in one piece.
 */

import type { CounterName, Counts } from '../shaper.ts'

const names: readonly CounterName[] = [
  'seen',
  'passed',
  'delayed',
  'lost',
  'overLimit',
  'duplicated',
  'corrupted',
  'reordered',
  'delivered',
  'failed',
  'bytesSeen',
  'held',
  'heldMax',
  'lateMaxUs',
  'lateOverBound',
  'slipped',
]

/** Later than this and a packet's delay is not what was asked for; a receipt says how many were. */
export const lateBoundMs = 5

export class Counters {
  /** To be handed to the other thread. */
  readonly memory: SharedArrayBuffer
  readonly #values: Float64Array

  constructor(memory = new SharedArrayBuffer(names.length * Float64Array.BYTES_PER_ELEMENT)) {
    this.memory = memory
    this.#values = new Float64Array(memory)
  }

  add(name: CounterName, amount = 1): void {
    const at = indexes[name]
    this.#values[at] = (this.#values[at] ?? 0) + amount
  }

  set(name: CounterName, value: number): void {
    this.#values[indexes[name]] = value
  }

  raiseTo(name: CounterName, value: number): void {
    if (value > (this.#values[indexes[name]] ?? 0)) this.set(name, value)
  }

  read(): Counts {
    return Object.fromEntries(names.map((name, index) => [name, this.#values[index] ?? 0])) as Counts
  }
}

const indexes = Object.fromEntries(names.map((name, index) => [name, index])) as Readonly<
  Record<CounterName, number>
>
