import { describe, expect, test } from 'vitest'
import { Chance, CorrelatedRandom, percentToUint32 } from './correlated.ts'
import { kernelSeed, PacketRandom } from './random.ts'

describe('the generator', () => {
  test('agrees with a straight reading of the kernel in whole numbers of any size', () => {
    for (const seed of [0n, 1n, 42n, 0xdead_beef_1234_5678n, 2n ** 64n - 1n]) {
      const [random, expected] = [new PacketRandom(seed), bigTausworthe(seed)]
      expect(Array.from({ length: 1000 }, () => random.next())).toEqual(
        Array.from({ length: 1000 }, () => expected()),
      )
    }
  })

  test('positions are below their limit and reach both ends', () => {
    const random = new PacketRandom(kernelSeed(1, 'positions'))
    const drawn = new Set(Array.from({ length: 1000 }, () => random.below(8)))
    expect([...drawn].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  test('streams of one seed differ', () => {
    expect(kernelSeed(1, 'in')).not.toBe(kernelSeed(1, 'out'))
    expect(kernelSeed(1, 'in')).toBe(kernelSeed(1, 'in'))
  })
})

test('correlated draws are those of get_crandom, to the last bit', () => {
  for (const percent of [0.1, 25, 50, 99.9, 100]) {
    const draws = new CorrelatedRandom(new PacketRandom(7n), percent)
    const source = new PacketRandom(7n)
    const rho = BigInt(percentToUint32(percent)) + 1n
    let last = BigInt(source.next())
    for (let step = 0; step < 500; step++) {
      last = (BigInt(source.next()) * (2n ** 32n - rho) + last * rho) >> 32n
      expect(draws.next()).toBe(Number(last))
    }
  }
})

test('percentages use the whole scale', () => {
  expect(percentToUint32(100)).toBe(0xff_ff_ff_ff)
  expect(percentToUint32(0)).toBe(0)
  expect(new Chance(new PacketRandom(1n), 100).hits()).toBe(true)
})

/** The macros of prandom_u32_state and prandom_seed_state, written out in BigInt, which cannot overflow. */
function bigTausworthe(seed: bigint): () => number {
  const u32 = (value: bigint) => BigInt.asUintN(32, value)
  const folded = u32((seed >> 32n) ^ (seed << 10n) ^ seed)
  const state = [2n, 8n, 16n, 128n].map((min) => (folded < min ? folded + min : folded))
  const parts = [
    [6n, 13n, 4294967294n, 18n],
    [2n, 27n, 4294967288n, 2n],
    [13n, 21n, 4294967280n, 7n],
    [3n, 12n, 4294967168n, 13n],
  ] as const
  return () => {
    for (const [index, [a, b, c, d]] of parts.entries()) {
      const s = state[index] ?? 0n
      state[index] = u32((s & c) << d) ^ (u32(u32(s << a) ^ s) >> b)
    }
    return Number(state.reduce((sum, s) => sum ^ s, 0n))
  }
}
