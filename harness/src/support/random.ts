/**
 * Randomness that one seed fixes. Every consumer (faults, workload, twins, packets) draws from a named sub-stream
 * of its own, so that a draw more in one place changes nothing in another.
 */
import { createHash } from 'node:crypto'

/** Draws a number in [0, 1). */
export type Random = () => number

/** A generator (sfc32, state from SHA-256 of the seed) that gives the same sequence for the same seed. */
export function seededRandom(seed: number): Random {
  const state = createHash('sha256').update(`squall ${seed}`).digest()
  let a = state.readInt32LE(0)
  let b = state.readInt32LE(4)
  let c = state.readInt32LE(8)
  let counter = state.readInt32LE(12)
  return () => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return (sum >>> 0) / 2 ** 32
  }
}

/** The seed of the sub-stream `name`: a whole number below 2^48, safe to print and to pass on as a flag. */
export function subSeed(seed: number, name: string): number {
  return createHash('sha256').update(`squall ${seed}/${name}`).digest().readUIntBE(0, 6)
}

/** A whole number in [0, limit). */
export function integerBelow(random: Random, limit: number): number {
  return Math.floor(random() * limit)
}

/** One of the items. @throws RangeError when there are none. */
export function pick<T>(random: Random, items: readonly T[]): T {
  if (items.length === 0) throw new RangeError('nothing to pick from')
  return items[integerBelow(random, items.length)] as T
}

/** The items in random order, as a new array (Fisher-Yates). */
export function shuffle<T>(random: Random, items: readonly T[]): T[] {
  const shuffled = [...items]
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = integerBelow(random, last + 1)
    const held = shuffled[last] as T
    shuffled[last] = shuffled[other] as T
    shuffled[other] = held
  }
  return shuffled
}
