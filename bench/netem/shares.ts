/** Shares of packets: what was asked, what came out, and how many standard errors lie between. */
import type { Echoes } from '../../netem/src/testing/probe-udp.ts'
import { type Row, rounded } from './figures.ts'
import type { Place } from './place.ts'

type Case = {
  readonly impairment: string
  readonly what: string
  readonly asked: number
  readonly share: (echoes: Echoes) => number
  /** How much more the share scatters than that of independent packets. 1 when left out. */
  readonly scatter?: number
  /** Mean length of a row of lost packets. Independent ones, when left out. */
  readonly burst?: number
}

/** Share of the bad state of a Gilbert-Elliott chain, and what its memory adds to the scatter of a count. */
const bad = (p: number, r: number) => p / (p + r)
const memory = (p: number, r: number) => (2 - p - r) / (p + r)

/** Of a frame of the probe: 200 bytes and the headers. Nobody checks the sender's hardware address. */
const checkedPart = 1 - 6 / (200 + 8 + 20 + 14)

const cases: readonly Case[] = [
  { impairment: 'loss 1%', what: 'lost', asked: 0.01, share: lost },
  { impairment: 'loss 10%', what: 'lost', asked: 0.1, share: lost },
  { impairment: 'loss 50%', what: 'lost', asked: 0.5, share: lost },
  {
    impairment: 'loss gemodel 5% 40%',
    what: 'lost',
    asked: bad(0.05, 0.4),
    share: lost,
    scatter: memory(0.05, 0.4),
    burst: 1 / 0.4,
  },
  {
    impairment: 'loss gemodel 2% 20%',
    what: 'lost',
    asked: bad(0.02, 0.2),
    share: lost,
    scatter: memory(0.02, 0.2),
    burst: 1 / 0.2,
  },
  { impairment: 'duplicate 5%', what: 'twice', asked: 0.05, share: twice },
  { impairment: 'corrupt 5%', what: 'found out', asked: 0.05 * checkedPart, share: damaged },
  { impairment: 'corrupt 5% checksum fix', what: 'damaged', asked: 0.05, share: damaged },
  { impairment: 'delay 200ms reorder 25%', what: 'overtook', asked: 0.25, share: early },
]

export async function measureShares(place: Place, count: number): Promise<Row[]> {
  const rows: Row[] = []
  for (const [
    index,
    { impairment, what, asked, share, scatter = 1, burst = 1 / (1 - asked) },
  ] of cases.entries()) {
    // Damage that reaches the application is beyond the kernel.
    if (place.rung === 'kernel' && impairment.includes('checksum')) continue
    // A seed per row: with one for all, they would all judge the same draws.
    const text = `${impairment} direction out limit 100000 seed ${index} ${place.ofProbe}`
    const echoes = await place.under([text], async () => await place.probe({ count, patienceMs: 600 }))
    const measured = share(echoes)
    const error = Math.sqrt((asked * (1 - asked) * scatter) / count)
    rows.push({
      impairment,
      what,
      packets: count,
      'asked %': rounded(asked * 100, 2),
      'measured %': rounded(measured * 100, 2),
      'sigma %': rounded(error * 100, 2),
      'sigmas off': rounded((measured - asked) / error, 2),
      'burst asked': what === 'lost' ? rounded(burst, 2) : '',
      'mean burst': what === 'lost' ? rounded(meanBurst(echoes), 2) : '',
    })
  }
  return rows
}

function lost({ times }: Echoes): number {
  return times.filter((count) => count === 0).length / times.length
}

function twice({ times }: Echoes): number {
  return times.filter((count) => count === 2).length / times.length
}

/** Dropped by its checksum; where that was fixed, told by its pattern. Did not come back as it was, either way. */
function damaged({ times }: Echoes): number {
  return times.filter((count) => count === 0).length / times.length
}

function early({ roundTripMs }: Echoes): number {
  return roundTripMs.filter((time) => time !== undefined && time < 150).length / roundTripMs.length
}

function meanBurst({ times }: Echoes): number {
  const bitmap = times.map((count) => (count === 0 ? '.' : '1')).join('')
  const bursts = bitmap.match(/\.+/g) ?? []
  return bursts.reduce((sum, burst) => sum + burst.length, 0) / Math.max(1, bursts.length)
}
