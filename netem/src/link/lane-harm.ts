/** One harm on one direction of one connection: what it makes of each byte, and how far it has come. */
import { delaySampler } from '../model/delay.ts'
import { LinkRate } from '../model/link-rate.ts'
import { kernelSeed, PacketRandom } from '../model/random.ts'
import type { HarmCounts } from './link-counts.ts'
import type { SettledLinkHarm, Way } from './link-spec.ts'

/** A rate is made of writes that take so long each; shorter than a client can tell, longer than the clock's ms. */
const rateStepMs = 10

/** As much as is read at once. */
const pieceBytesMax = 65_536

/** What the clock is late by is caught up with; what a slow reader was late by is not, or it would get a burst. */
const catchUpMs = 20

export class LaneHarm {
  readonly counts: HarmCounts
  readonly #way: Way
  readonly #sampleMs: () => number
  readonly #rate: LinkRate | undefined
  readonly #gapMs: number
  readonly #slowCloseMs: number
  readonly #end: 'stall' | 'cut' | 'reset' | undefined
  /** Bytes that pass before the end. */
  #leftBytes: number
  readonly #pieceBytes: number
  readonly #isSlicing: boolean
  #lastMs = Number.NEGATIVE_INFINITY
  #isWaiting = false
  #hasStalled = false

  /** @param stream names the draws of this connection and direction. */
  constructor(harm: SettledLinkHarm, way: Way, stream: string, counts: HarmCounts) {
    const { delay, rate, slice, slowClose, seed } = harm
    this.counts = counts
    this.#way = way
    this.#sampleMs = delaySampler(delay, new PacketRandom(kernelSeed(seed, `${stream}/${way}`)))
    this.#rate = rate && new LinkRate(rate)
    this.#gapMs = slice?.gapMs ?? 0
    this.#isSlicing = slice !== undefined
    this.#slowCloseMs = slowClose?.ms ?? 0
    const stepBytes = rate ? Math.floor((rate.bitsPerSecond / 8000) * rateStepMs) : pieceBytesMax
    this.#pieceBytes = Math.max(1, Math.min(pieceBytesMax, stepBytes, slice?.bytes ?? pieceBytesMax))
    const [end, leftBytes] = endOf(harm)
    this.#end = end
    this.#leftBytes = leftBytes
  }

  /** The end of the connection that is due now. */
  get ending(): 'cut' | 'reset' | undefined {
    return this.#leftBytes > 0 || this.#end === 'stall' ? undefined : this.#end
  }

  get isStalled(): boolean {
    return this.#end === 'stall' && this.#leftBytes <= 0
  }

  /** Something is there that does not pass. */
  noteStall(): void {
    if (!this.#hasStalled) this.counts.stalled += 1
    this.#hasStalled = true
  }

  /** How many bytes may be written at once. */
  get writeBytesMax(): number {
    return Math.min(this.#pieceBytes, this.#leftBytes)
  }

  /** How long what has just arrived waits: bytes, or the end of the stream. */
  delayMs(isEnd: boolean): number {
    const delayMs = Math.max(0, this.#sampleMs())
    return isEnd ? delayMs + this.#slowCloseMs : delayMs
  }

  /** When a write is due that was ready then. */
  dueMs(bytes: number, readyMs: number, nowMs: number): number {
    const fromMs = Math.max(readyMs, nowMs - catchUpMs)
    const sentMs = this.#rate?.send(bytes, fromMs) ?? readyMs
    const dueMs = Math.max(sentMs, this.#lastMs + this.#gapMs)
    this.#isWaiting = dueMs > nowMs
    return dueMs
  }

  passed({ bytes, isWhole, isDelayed }: Passed, nowMs: number): void {
    this.#lastMs = nowMs
    this.#leftBytes -= bytes
    this.counts[this.#way === 'up' ? 'upBytes' : 'downBytes'] += bytes
    if (isDelayed || this.#isWaiting) this.counts.delayed += 1
    if (this.#isSlicing && !isWhole) this.counts.sliced += 1
    this.#isWaiting = false
  }

  /** The end of the stream has passed. */
  closed(): void {
    if (this.#slowCloseMs > 0) this.counts.slowClosed += 1
  }

  /** What it held was handed on so much after it was due. */
  noteLate(lateMs: number): void {
    this.counts.lateMsMax = Math.max(this.counts.lateMsMax, lateMs)
  }
}

type Passed = {
  readonly bytes: number
  /** What had arrived together is gone with it. */
  readonly isWhole: boolean
  /** It has waited because of this harm's delay. */
  readonly isDelayed: boolean
}

/** A reset after a time is the connection's own affair. */
function endOf({
  stall,
  cut,
  reset,
}: SettledLinkHarm): readonly ['stall' | 'cut' | 'reset' | undefined, number] {
  if (stall) return ['stall', stall.afterBytes ?? 0]
  if (cut) return ['cut', cut.afterBytes ?? 0]
  if (reset && reset.afterMs === undefined) return ['reset', reset.afterBytes ?? 0]
  return [undefined, Number.POSITIVE_INFINITY]
}
