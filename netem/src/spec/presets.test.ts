import { expect, test } from 'vitest'
import { isPreset, presets } from './presets.ts'

test.each(Object.entries(presets))(
  '%s says where its figures are from',
  (name, { summary, source, impairments }) => {
    expect(isPreset(name)).toBe(true)
    expect(summary).not.toBe('')
    expect(source.length).toBeGreaterThan(20)
    expect(impairments.length).toBeGreaterThan(0)
  },
)

test('the loss of bad-wifi is what its source says', () => {
  const { loss } = presets['bad-wifi'].impairments[0] ?? {}
  expect(loss).toMatchObject({ kind: 'gilbert-elliott' })
  if (loss?.kind !== 'gilbert-elliott') return
  const inBad = loss.toBadPercent / (loss.toBadPercent + loss.toGoodPercent)
  expect(inBad * (loss.lossInBadPercent ?? 100)).toBeCloseTo(3.8, 1)
  expect(isPreset('5g')).toBe(false)
})
