/** Randomness: fixed by the seed, independent per name, even enough to draw from. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { integerBelow, pick, seededRandom, shuffle, subSeed } from './random.ts'

const draw = (seed: number, count: number): number[] => {
  const random = seededRandom(seed)
  return Array.from({ length: count }, random)
}

const ascending = (a: number, b: number): number => a - b

test('the same seed gives the same sequence, another seed another one', () => {
  expect(draw(7, 5)).toEqual(draw(7, 5))
  expect(draw(7, 5)).not.toEqual(draw(8, 5))
})

test('sub-streams differ by name and by seed', () => {
  const seeds = [subSeed(7, 'faults'), subSeed(7, 'workload'), subSeed(8, 'faults')]
  expect(new Set(seeds).size).toBe(3)
  expect(seeds.every(Number.isSafeInteger)).toBe(true)
  expect(subSeed(7, 'faults')).toBe(seeds[0])
})

test('draws are even over [0, 1)', () => {
  const buckets = Array.from({ length: 10 }, () => 0)
  for (const value of draw(1, 10_000)) {
    const bucket = Math.floor(value * 10)
    buckets[bucket] = (buckets[bucket] ?? 0) + 1
  }
  // 1000 expected per bucket, standard deviation 30: five of them is beyond chance, and the seed is fixed.
  for (const count of buckets) expect(Math.abs(count - 1000)).toBeLessThan(150)
})

test('shuffle keeps every item and leaves its input alone', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
      const before = [...items]
      const shuffled = shuffle(seededRandom(seed), items)
      expect(items).toEqual(before)
      expect(shuffled.toSorted(ascending)).toEqual(before.toSorted(ascending))
    }),
  )
})

test('pick and integerBelow stay within bounds', () => {
  const random = seededRandom(3)
  for (let i = 0; i < 100; i++) {
    expect(['a', 'b']).toContain(pick(random, ['a', 'b']))
    expect(integerBelow(random, 3)).toBeLessThan(3)
  }
  expect(() => pick(random, [])).toThrow(RangeError)
})
