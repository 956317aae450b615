/**
 * The kernel's own generator, so that a seed means here what it means to the kernel's netem since it has one
 * (TCA_NETEM_PRNG_SEED): lib/random32.c prandom_u32_state and include/linux/prandom.h prandom_seed_state, Linux 6.18.
 * L'Ecuyer's combined Tausworthe generator LFSR113.
 *
 * A class because it is state with a lifetime and is asked several times per packet.
 */

/** prandom.h `__seed`: each part of the state has a smallest value. */
const atLeast = (value: number, min: number): number =>
  value >>> 0 < min ? (value + min) >>> 0 : value >>> 0

export class PacketRandom {
  #s1: number
  #s2: number
  #s3: number
  #s4: number

  /** @param kernelSeed as given to `tc ... seed`; see `kernelSeed` */
  constructor(kernelSeed: bigint) {
    const folded = Number(BigInt.asUintN(32, (kernelSeed >> 32n) ^ (kernelSeed << 10n) ^ kernelSeed))
    this.#s1 = atLeast(folded, 2)
    this.#s2 = atLeast(folded, 8)
    this.#s3 = atLeast(folded, 16)
    this.#s4 = atLeast(folded, 128)
  }

  /** A whole number in [0, 2^32). */
  next(): number {
    const s1 = this.#s1
    const s2 = this.#s2
    const s3 = this.#s3
    const s4 = this.#s4
    this.#s1 = ((s1 & 0xff_ff_ff_fe) << 18) ^ (((s1 << 6) ^ s1) >>> 13)
    this.#s2 = ((s2 & 0xff_ff_ff_f8) << 2) ^ (((s2 << 2) ^ s2) >>> 27)
    this.#s3 = ((s3 & 0xff_ff_ff_f0) << 7) ^ (((s3 << 13) ^ s3) >>> 21)
    this.#s4 = ((s4 & 0xff_ff_ff_80) << 13) ^ (((s4 << 3) ^ s4) >>> 12)
    return (this.#s1 ^ this.#s2 ^ this.#s3 ^ this.#s4) >>> 0
  }

  /** A whole number in [0, limit), as the kernel's get_random_u32_below is used: for positions, not for chances. */
  below(limit: number): number {
    return Math.floor((this.next() / 2 ** 32) * limit)
  }
}

/**
 * The 64 bits given to the generator for a seed and a named stream of draws. Mixed (FNV-1a, then the finisher of
 * MurmurHash3), because the kernel does not warm its generator up: taken as they are, seeds 0 to 9 all draw less than
 * 4 % for their second packet. Whoever drives tc with our seed must give it this number, not the seed itself.
 */
export function kernelSeed(seed: number, stream: string): bigint {
  let hash = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(`${seed}/${stream}`)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  }
  hash = BigInt.asUintN(64, (hash ^ (hash >> 33n)) * 0xff51afd7ed558ccdn)
  hash = BigInt.asUintN(64, (hash ^ (hash >> 33n)) * 0xc4ceb9fe1a85ec53n)
  return hash ^ (hash >> 33n)
}
