import { describe, expect, test } from 'vitest'
import { chooseTargets, radiusOf } from './blast-radius.ts'
import { serviceNames } from './topology.ts'

describe('chooseTargets', () => {
  const draws = Array.from({ length: 60 }, (_, round) =>
    chooseTargets('one', serviceNames, { seed: 7, step: 0, round }).join(),
  )

  test('the same seed hits the same services, and every one is hit in some round', () => {
    const again = Array.from({ length: 60 }, (_, round) =>
      chooseTargets('one', serviceNames, { seed: 7, step: 0, round }).join(),
    )
    expect(again).toEqual(draws)
    expect(new Set(draws)).toEqual(new Set(serviceNames))
  })

  test('another seed, and another step, hit others', () => {
    const of = (seed: number, step: number): string[] =>
      Array.from({ length: 60 }, (_, round) =>
        chooseTargets('one', serviceNames, { seed, step, round }).join(),
      )
    expect(of(8, 0)).not.toEqual(draws)
    expect(of(7, 1)).not.toEqual(draws)
  })

  test('names are taken as they are', () => {
    const draw = { seed: 1, step: 0, round: 0 }
    expect(chooseTargets('wan2gp', serviceNames, draw)).toEqual(['wan2gp'])
    expect(chooseTargets(['wan2gp', 'comfyui'], serviceNames, draw)).toEqual(['wan2gp', 'comfyui'])
    expect(chooseTargets('all', serviceNames, draw)).toEqual(serviceNames)
  })
})

test('a minority is less than half', () => {
  expect([1, 2, 3, 4, 5].map((count) => radiusOf('minority', count))).toEqual([0, 0, 1, 1, 2])
  expect(radiusOf('one', 0)).toBe(0)
})
