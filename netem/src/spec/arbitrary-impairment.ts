/** Any valid impairment, for property tests: each effect there or not, each number anywhere in its range. */
import * as fc from 'fast-check'
import type { Impairment } from './impairment.ts'
import { parseImpairment } from './validate.ts'

const percent = fc.oneof(
  fc.integer({ min: 0, max: 100 }),
  fc.double({ min: 0, max: 100, noNaN: true }).map((value) => value + 0), // -0 is written as 0
)
const timeMs = (max: number) =>
  fc.oneof(fc.integer({ min: 1, max }), fc.double({ min: 1e-6, max, noNaN: true }))
const chance = { percent, correlationPercent: percent }

const delay = fc.record(
  {
    meanMs: timeMs(274_000),
    jitterMs: timeMs(2147),
    correlationPercent: percent,
    distribution: fc.constantFrom('uniform', 'normal', 'pareto', 'paretonormal'),
  },
  { requiredKeys: ['meanMs', 'jitterMs'] },
)

/** Two chances that leave the same state. */
const pair = fc.tuple(percent, percent).filter(([one, other]) => one + other <= 100)

const loss = fc.oneof(
  fc.record({ kind: fc.constant('random'), ...chance }, { requiredKeys: ['kind', 'percent'] }),
  fc.record({ kind: fc.constant('every-nth'), nth: fc.integer({ min: 1, max: 1_000_000 }) }),
  fc.record(
    {
      kind: fc.constant('gilbert-elliott'),
      toBadPercent: percent,
      toGoodPercent: percent,
      lossInBadPercent: percent,
      lossInGoodPercent: percent,
    },
    { requiredKeys: ['kind', 'toBadPercent', 'toGoodPercent', 'lossInBadPercent'] },
  ),
  fc.tuple(pair, pair, percent).map(([[p13, p14], [p31, p32], p23]) => ({
    kind: 'four-state',
    p13Percent: p13,
    p31Percent: p31,
    p32Percent: p32,
    p23Percent: p23,
    p14Percent: p14,
  })),
)

const bytes = (min: number) => fc.integer({ min, max: 65_535 })
const rate = fc
  .record(
    {
      bitsPerSecond: fc.integer({ min: 1, max: 1e12 }),
      overheadBytes: bytes(-1500).filter((value) => value !== 0),
      cellBytes: bytes(1),
      cellOverheadBytes: bytes(0),
      burstBytes: bytes(1),
    },
    { requiredKeys: ['bitsPerSecond'] },
  )
  .filter((it) => it.cellBytes !== undefined || it.cellOverheadBytes === undefined)

const filter = fc
  .record(
    {
      peer: fc.oneof(
        fc.ipV4(),
        fc.ipV6(),
        fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map((it) => it.join('/')),
      ),
      port: fc.integer({ min: 1, max: 65_535 }),
      protocol: fc.constantFrom('tcp', 'udp'),
    },
    { requiredKeys: [] },
  )
  .filter((it) => Object.keys(it).length > 0)

/** What `requiredKeys` leaves out is absent, not undefined, as in parsed text. */
export const arbitraryImpairment: fc.Arbitrary<Impairment> = fc
  .record(
    {
      delay,
      loss,
      duplicate: fc.record(chance, { requiredKeys: ['percent'] }),
      corrupt: fc.record(
        { ...chance, checksum: fc.constantFrom('keep', 'fix') },
        { requiredKeys: ['percent'] },
      ),
      reorder: fc.record(
        { ...chance, gap: fc.integer({ min: 1, max: 1_000_000 }) },
        { requiredKeys: ['percent'] },
      ),
      rate,
      limitPackets: fc.integer({ min: 1, max: 100_000 }),
      seed: fc.maxSafeNat(),
      direction: fc.constantFrom('in', 'out', 'both'),
      filter,
    },
    { requiredKeys: ['delay'] },
  )
  .map(parseImpairment)
