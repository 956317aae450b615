/**
 * Draws that depend on the one before: sch_netem.c get_crandom. Also netem's fixed-point percentages, 2^32 - 1 being
 * 100 % (iproute2 q_netem.c, set_percent).
 */
import type { PacketRandom } from './random.ts'

const uint32Max = 0xff_ff_ff_ff

/** Percent to the kernel's scale. Half-way cases round up here and to even there: one in 2^32 of a difference. */
export function percentToUint32(percent: number): number {
  return Math.round((percent / 100) * uint32Max)
}

export class CorrelatedRandom {
  readonly #random: PacketRandom
  readonly #rho: number
  #last: number

  constructor(random: PacketRandom, correlationPercent = 0) {
    this.#random = random
    this.#rho = percentToUint32(correlationPercent)
    // init_crandom takes it from elsewhere than the seeded generator; a run that can be repeated cannot.
    this.#last = this.#rho === 0 ? 0 : random.next()
  }

  /** A whole number in [0, 2^32). */
  next(): number {
    const value = this.#random.next()
    if (this.#rho === 0) return value
    const rho = this.#rho + 1
    this.#last = weightedMean(value, 2 ** 32 - rho, this.#last, rho)
    return this.#last
  }
}

/** An event of a given chance; the kernel's `p && p >= get_crandom()`. */
export class Chance {
  readonly #draws: CorrelatedRandom
  readonly #threshold: number

  constructor(random: PacketRandom, percent = 0, correlationPercent = 0) {
    this.#draws = new CorrelatedRandom(random, correlationPercent)
    this.#threshold = percentToUint32(percent)
  }

  hits(): boolean {
    return this.#threshold !== 0 && this.#threshold >= this.#draws.next()
  }
}

/** (a * weightA + b * weightB) >> 32, exact: the products have 64 bits, more than a number holds. */
function weightedMean(a: number, weightA: number, b: number, weightB: number): number {
  const low = 2 ** 16
  const aLow = a % low
  const bLow = b % low
  const aHigh = (a - aLow) / low
  const bHigh = (b - bLow) / low
  // Weights are up to 2^32, parts up to 2^16: each product fits into 48 bits, each sum into 50.
  const carry = Math.floor((aLow * weightA + bLow * weightB) / low)
  return Math.floor((aHigh * weightA + bHigh * weightB + carry) / low)
}
