/**
 * When a packet has left a link of limited rate. Without a burst this is sch_netem.c's arithmetic: the packet before
 * is the reference, and time already waited in the queue counts as delay. A burst lets the link's clock lag behind,
 * which is what tokens left over after a pause are worth.
 */
import type { Impairment } from '../spec/impairment.ts'

export class LinkRate {
  readonly #bytesPerMs: number
  readonly #overheadBytes: number
  readonly #cellBytes: number
  readonly #cellOverheadBytes: number
  readonly #burstMs: number
  /** When the link will have sent all it was given, ms. */
  #busyUntilMs = Number.NEGATIVE_INFINITY

  constructor(rate: NonNullable<Impairment['rate']>) {
    this.#bytesPerMs = rate.bitsPerSecond / 8 / 1000
    this.#overheadBytes = rate.overheadBytes ?? 0
    this.#cellBytes = rate.cellBytes ?? 0
    this.#cellOverheadBytes = rate.cellOverheadBytes ?? 0
    this.#burstMs = (rate.burstBytes ?? 0) / this.#bytesPerMs
  }

  /** @param readyMs arrival plus delay. Returns when the packet is due, ms. */
  send(lengthBytes: number, readyMs: number): number {
    const beginMs = Math.max(this.#busyUntilMs, readyMs - this.#burstMs)
    this.#busyUntilMs = beginMs + this.#onTheWireBytes(lengthBytes) / this.#bytesPerMs
    return Math.max(this.#busyUntilMs, readyMs)
  }

  #onTheWireBytes(lengthBytes: number): number {
    const length = Math.max(0, lengthBytes + this.#overheadBytes)
    if (this.#cellBytes === 0) return length
    return Math.ceil(length / this.#cellBytes) * (this.#cellBytes + this.#cellOverheadBytes)
  }
}
