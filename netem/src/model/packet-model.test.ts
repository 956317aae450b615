import { describe, expect, test } from 'vitest'
import { parseImpairmentText } from '../spec/parse-text.ts'
import { PacketModel } from './packet-model.ts'
import { burstsOf, deviationOf, drawPackets, meanOf, type Packet, sigmasOff } from './testing-draws.ts'

/** Draws per statistic. At this count one standard error of 1 % is 0.022 %. The seed is fixed, so nothing flakes. */
const count = 200_000

/** A right model of independent draws is further off once in 370 seeds. */
const sigmasMax = 3

describe('shares are what was asked for, within 3 standard errors of 200,000 draws', () => {
  test.each<[string, keyof Packet, number]>([
    ['loss 1%', 'isLost', 0.01],
    ['loss 10%', 'isLost', 0.1],
    ['loss 50%', 'isLost', 0.5],
    ['duplicate 5%', 'isDuplicated', 0.05],
    ['corrupt 5%', 'isCorrupted', 0.05],
    ['delay 10ms reorder 25%', 'isReordered', 0.25],
    ['loss gemodel 5%', 'isLost', 0.05],
    // State 3 in p13 of the steps, left at once: the share of a two-state chain.
    ['loss state 10%', 'isLost', 0.1],
  ])('%s', (text, field, expected) => {
    const hits = drawPackets(text, count).filter((packet) => packet[field]).length
    expect(sigmasOff(hits, count, expected)).toBeLessThan(sigmasMax)
  })

  test('none and all are exact', () => {
    expect(drawPackets('loss 0%', 10_000).filter(({ isLost }) => isLost)).toHaveLength(0)
    expect(drawPackets('loss 100%', 10_000).filter(({ isLost }) => isLost)).toHaveLength(10_000)
  })

  test('every fifth is the fifth, the tenth, ...', () => {
    const lost = drawPackets('loss every 5', 23).flatMap(({ isLost }, index) => (isLost ? [index + 1] : []))
    expect(lost).toEqual([5, 10, 15, 20])
  })
})

describe('bursts', () => {
  // Losses come in runs, so that shares scatter more than independent draws; the bounds are 5 % of the value.
  test('gemodel 5% 40%: share p/(p+r) = 11.1 %, bursts of 1/r = 2.5', () => {
    const packets = drawPackets('loss gemodel 5% 40%', count)
    expect(share(packets)).toBeCloseTo(5 / 45, 2)
    expect(meanOf(burstsOf(packets))).toBeCloseTo(2.5, 1)
  })

  test('gemodel 1% 10% 70% 0.1%: share (1-h)p/(p+r) + (1-k)r/(p+r) = 6.45 %', () => {
    const packets = drawPackets('loss gemodel 1% 10% 70% 0.1%', count)
    expect(share(packets)).toBeGreaterThan(0.0645 * 0.95)
    expect(share(packets)).toBeLessThan(0.0645 * 1.05)
  })

  test('state 2% 30% 20% 40% 1%: the share of states 3 and 4 of the chain', () => {
    // Balance of the chain, solved by hand: 4 = p14 * 1; 2 = 3 * p32/p23; 3 * p31 = 1 * p13.
    const [p13, p31, p32, p23, p14] = [0.02, 0.3, 0.2, 0.4, 0.01]
    const [good, burst] = [1, p13 / p31]
    const alone = good * p14
    const total = good + burst + alone + burst * (p32 / p23)
    const packets = drawPackets('loss state 2% 30% 20% 40% 1%', count)
    expect(share(packets) / ((burst + alone) / total)).toBeCloseTo(1, 1)
  })

  test("correlated loss loses less than asked, as netem's does", () => {
    // Measured on the kernel: `loss 10% 25%` loses 1.9 %.
    expect(share(drawPackets('loss 10% 25%', count))).toBeCloseTo(0.019, 2)
  })
})

describe('delays', () => {
  const delays = (text: string) => drawPackets(text, count).flatMap(({ delayMs }) => delayMs ?? [])

  test('without jitter it is exact', () => {
    expect(new Set(delays('delay 12.5ms'))).toEqual(new Set([12.5]))
  })

  test.each<[string, number]>([
    ['delay 50ms 10ms', 10 / Math.sqrt(3)],
    ['delay 50ms 10ms distribution normal', 10],
  ])('%s: mean 50 ms, deviation %f ms', (text, deviation) => {
    const drawn = delays(text)
    expect(Math.abs(meanOf(drawn) - 50)).toBeLessThan((sigmasMax * deviation) / Math.sqrt(count))
    expect(deviationOf(drawn) / deviation).toBeCloseTo(1, 2)
  })

  test('uniform stays within mean and jitter', () => {
    const drawn = delays('delay 50ms 10ms')
    expect(Math.min(...drawn.slice(0, 50_000))).toBeGreaterThanOrEqual(40)
    expect(Math.max(...drawn.slice(0, 50_000))).toBeLessThan(60)
  })

  test('pareto leans to the left with a long tail to the right', () => {
    // Of the table: median (2^(1/3) - 1.5) * 4/3 = -0.32 of the jitter; the greatest deviation is 4 of it.
    const drawn = delays('delay 50ms 10ms distribution pareto').toSorted((a, b) => a - b)
    expect(drawn[count / 2]).toBeCloseTo(50 + 10 * (2 ** (1 / 3) - 1.5) * (4 / 3), 0)
    expect(drawn.at(-1)).toBeGreaterThan(85)
    expect(drawn.at(-1)).toBeLessThan(90.1)
  })

  test('correlation of the delay has no effect, as in netem', () => {
    const drawn = delays('delay 50ms 10ms 25% distribution normal')
    const pairs = drawn.slice(1).map((value, index) => (value - 50) * ((drawn[index] ?? 50) - 50))
    expect(Math.abs(meanOf(pairs) / 100)).toBeLessThan(0.02)
  })
})

test('reorder 100% gap 5: every fifth overtakes', () => {
  const overtaking = drawPackets('delay 10ms reorder 100% gap 5', 20).flatMap(
    ({ isReordered, delayMs }, index) => (isReordered && delayMs === 0 ? [index + 1] : []),
  )
  expect(overtaking).toEqual([5, 10, 15, 20])
})

test('more than the limit is dropped, and said to be so', () => {
  const model = new PacketModel(parseImpairmentText('delay 1s limit 3'), 1, 'out')
  expect([0, 1, 2, 3, 4].map((held) => model.arrive(held, false))).toEqual([
    'accepted',
    'accepted',
    'accepted',
    'over-limit',
    'over-limit',
  ])
})

test('a duplicate is not duplicated again', () => {
  const model = new PacketModel(parseImpairmentText('duplicate 100%'), 1, 'out')
  model.arrive(0, false)
  expect(model.isDuplicated).toBe(true)
  model.arrive(0, true)
  expect(model.isDuplicated).toBe(false)
})

describe('the seed', () => {
  const fates = (seed: number) =>
    drawPackets('delay 5ms 2ms loss 10% duplicate 5% corrupt 5%', 5000, seed).map((packet) =>
      JSON.stringify(packet),
    )

  test('the same seed gives every packet the same fate', () => {
    expect(fates(7)).toEqual(fates(7))
  })

  test('another seed gives other fates', () => {
    expect(fates(7)).not.toEqual(fates(8))
  })

  test('small seeds do not begin alike', () => {
    // The kernel's generator is not warmed up: taken as they are, seeds 0 to 9 all draw below 4 % for packet two.
    const seeds = Array.from({ length: 10 }, (_, seed) => seed)
    const lost = seeds.filter((seed) => drawPackets('loss 10%', 2, seed)[1]?.isLost)
    expect(lost.length).toBeLessThan(5)
  })
})

function share(packets: readonly Packet[]): number {
  return packets.filter(({ isLost }) => isLost).length / packets.length
}
