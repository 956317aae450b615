/** How punctual: round trip of UDP packets minus what was asked, beside the round trip without any shaper. */
import { quantile, type Row, rounded } from './figures.ts'
import type { Place } from './place.ts'

const asked = [0, 1, 10, 50, 100, 500]

const warmUpPackets = 500

export async function measureDelays(place: Place, count: number): Promise<Row[]> {
  // The first packets of a fresh process measure its compiler.
  await place.probe({ count: warmUpPackets, patienceMs: 2000 })
  const rows = [row('none', 0, await roundTrips(place, count, 500))]
  for (const delayMs of asked) {
    const impairment = `delay ${delayMs}ms direction out limit 100000 ${place.ofProbe}`
    const times = await place.under([impairment], async () => await roundTrips(place, count, 500 + delayMs))
    rows.push(row(`${delayMs} ms`, delayMs, times))
  }
  return rows
}

async function roundTrips(place: Place, count: number, patienceMs: number): Promise<Measured> {
  const { roundTripMs } = await place.probe({ count, patienceMs })
  return { times: roundTripMs.filter((time) => time !== undefined), count }
}

type Measured = { readonly times: readonly number[]; readonly count: number }

function row(delay: string, askedMs: number, { times, count }: Measured): Row {
  const errorAt = (part: number) => rounded(quantile(times, part) - askedMs)
  return {
    delay,
    packets: count,
    'error p50 ms': errorAt(0.5),
    'p99 ms': errorAt(0.99),
    'p99.9 ms': errorAt(0.999),
    lost: count - times.length,
  }
}
