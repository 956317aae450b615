import { expect, test } from 'vitest'
import { seededRandom } from '../transport/random.ts'
import { backoff } from './backoff.ts'

function waits(seed: number, count: number): number[] {
  let step = backoff({ msFirst: 100, msMax: 1_000, random: seededRandom(seed) }).next(undefined)
  return Array.from({ length: count }, () => {
    const ms = step.duration
    step = step.next(undefined)
    return ms
  })
}

test('doubles up to its maximum, each wait between half and whole', () => {
  const fulls = [100, 200, 400, 800, 1_000, 1_000]
  const drawn = waits(7, fulls.length)
  for (const [index, full] of fulls.entries()) {
    expect(drawn[index]).toBeGreaterThanOrEqual(full / 2)
    expect(drawn[index]).toBeLessThanOrEqual(full)
  }
})

test('the same seed draws the same waits, another seed others', () => {
  expect(waits(7, 6)).toEqual(waits(7, 6))
  expect(waits(7, 6)).not.toEqual(waits(8, 6))
})
