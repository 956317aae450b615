/**
 * The fate of each packet, in the order in which sch_netem.c netem_enqueue decides it (Linux 6.18), from the same
 * generator: duplicate, loss, corruption, limit; then, for what is left, reordering or delay and rate. A duplicate is
 * a packet of its own that goes through all of it, except that it is not duplicated again; it is decided between the
 * two halves of the original, which is why there are two calls.
 *
 * Answers stand in fields until the next call, so that nothing is allocated per packet.
 */
import type { Impairment } from '../spec/impairment.ts'
import { Chance } from './correlated.ts'
import { delaySampler } from './delay.ts'
import { LinkRate } from './link-rate.ts'
import { type LossEvent, lossEvent } from './loss.ts'
import { kernelSeed, PacketRandom } from './random.ts'

/** netem's default. */
const limitPacketsDefault = 1000

export type Arrival = 'accepted' | 'lost' | 'over-limit'

export class PacketModel {
  /** After `arrive`: a second copy has to be handed in. */
  isDuplicated = false
  /** After `arrive`: damage the packet. */
  isCorrupted = false
  /** After `schedule`: it overtakes those that are delayed. */
  isReordered = false
  /** For positions of corruption; apart, as in the kernel, so that they do not shift the chances. */
  readonly positions: PacketRandom

  readonly #duplicate: Chance
  readonly #corrupt: Chance
  readonly #reorder: Chance
  readonly #isLost: LossEvent
  readonly #delayMs: () => number
  readonly #rate: LinkRate | undefined
  readonly #gap: number
  readonly #limitPackets: number
  #sinceReordered = 0

  /**
   * @param seed of the impairment
   * @param stream tells impairments and directions that share a seed apart
   */
  constructor(impairment: Impairment, seed: number, stream: string) {
    const random = new PacketRandom(kernelSeed(seed, stream))
    this.positions = new PacketRandom(kernelSeed(seed, `${stream}/positions`))
    const { duplicate, corrupt, reorder } = impairment
    this.#duplicate = new Chance(random, duplicate?.percent, duplicate?.correlationPercent)
    this.#corrupt = new Chance(random, corrupt?.percent, corrupt?.correlationPercent)
    this.#reorder = new Chance(random, reorder?.percent, reorder?.correlationPercent)
    this.#isLost = lossEvent(impairment.loss, random)
    this.#delayMs = delaySampler(impairment.delay, random)
    this.#rate = impairment.rate === undefined ? undefined : new LinkRate(impairment.rate)
    this.#gap = reorder === undefined || reorder.percent === 0 ? 0 : (reorder.gap ?? 1)
    this.#limitPackets = impairment.limitPackets ?? limitPacketsDefault
  }

  /** @param heldPackets how many this model holds back at the moment */
  arrive(heldPackets: number, isDuplicate: boolean): Arrival {
    let copies = 1
    if (!isDuplicate && this.#duplicate.hits()) copies += 1
    if (this.#isLost()) copies -= 1
    this.isDuplicated = copies > 1
    this.isCorrupted = copies > 0 && this.#corrupt.hits()
    if (copies === 0) return 'lost'
    return heldPackets >= this.#limitPackets ? 'over-limit' : 'accepted'
  }

  /** When the packet is due, ms on the clock of `nowMs`. */
  schedule(lengthBytes: number, nowMs: number): number {
    this.isReordered = this.#gap !== 0 && this.#sinceReordered >= this.#gap - 1 && this.#reorder.hits()
    if (this.isReordered) {
      this.#sinceReordered = 0
      return nowMs
    }
    this.#sinceReordered += 1
    const readyMs = nowMs + this.#delayMs()
    return this.#rate === undefined ? readyMs : this.#rate.send(lengthBytes, Math.max(nowMs, readyMs))
  }
}
