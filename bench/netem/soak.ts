/**
 * A shaper under load for minutes: does its memory stay, do its counters add up, does it stay punctual? UDP is probed
 * under loss and delay while paced TCP connections pass, and the agent is looked at every few seconds.
 */
import { readFileSync } from 'node:fs'
import { sendPaced } from '../../netem/src/testing/paced-tcp.ts'
import { probeUdp } from '../../netem/src/testing/probe-udp.ts'
import { quantile, type Row, rounded } from './figures.ts'
import type { Place } from './place.ts'

type Sample = { readonly atMs: number; readonly rssMiB: number; readonly errorMs: number }

const pageMiB = 4096 / 2 ** 20
const sliceMs = 5000
const delayMs = 50
const lossPart = 0.02
/** The heap and the pool of frames have found their size by then. */
const warmUpPart = 0.2
/** Beyond these it is not bounded, or not punctual. Per minute, after the warm-up. */
const growthMiBMax = 1
const driftMsMax = 0.2

export async function measureSoak(place: Place, forMs: number): Promise<{ rows: Row[]; isGood: boolean }> {
  const shaped = `delay ${delayMs}ms loss ${lossPart * 100}% direction out limit 100000 seed 1 ${place.ofProbe}`
  return await place.under([shaped, 'delay 20ms direction both limit 100000 protocol tcp'], async (agent) => {
    const samples: Sample[] = []
    const beganMs = performance.now()
    let [sent, back] = [0, 0]
    let isExact = true
    while (performance.now() - beganMs < forMs) {
      const [echoes, paced] = await Promise.all([
        probeUdp({
          ...{ address: place.network.far.ipv4, port: place.echo.udp, everyMs: 1 },
          ...{ count: sliceMs, patienceMs: 500 },
        }),
        sendPaced({
          ...{ address: place.network.far.ipv4, port: place.echo.tcp, forMs: sliceMs },
          ...{ connections: 20, bytesPerSecond: 50_000 },
        }),
      ])
      const times = echoes.roundTripMs.filter((time) => time !== undefined)
      sent += echoes.times.length
      back += times.length
      isExact &&= paced.every(({ sentBytes, gotBytes }) => sentBytes === gotBytes) && echoes.damaged === 0
      const rssMiB = Number(readFileSync(`/proc/${agent.child.pid}/statm`, 'utf8').split(' ')[1]) * pageMiB
      samples.push({
        ...{ atMs: performance.now() - beganMs, rssMiB },
        errorMs: quantile(times, 0.5) - delayMs,
      })
    }
    const report = await agent.report()
    if (!('after' in report)) throw new Error('the agent gave no report')
    const { seen, lost, delivered = 0, passed = 0, held = 0, overLimit = 0, failed = 0 } = report.after
    // Each packet it was meant for is lost, over the limit, held, or handed on; what it passed is handed on too.
    const missing = seen + passed - lost - overLimit - held - delivered - failed
    const steady = samples.slice(Math.floor(samples.length * warmUpPart))
    const growth = slopePerMinute(steady, ({ rssMiB }) => rssMiB)
    const drift = slopePerMinute(steady, ({ errorMs }) => errorMs)
    const sigmas = (sent - back - sent * lossPart) / Math.sqrt(sent * lossPart * (1 - lossPart))
    const rss = samples.map(({ rssMiB }) => rssMiB)
    const isGood =
      isExact &&
      [missing, failed, overLimit, lost - (sent - back)].every((count) => count === 0) &&
      growth < growthMiBMax &&
      Math.abs(drift) < driftMsMax &&
      Math.abs(sigmas) < 4
    const row: Row = {
      seconds: rounded((performance.now() - beganMs) / 1000, 0),
      ...{ packets: seen, passed, lost, 'not accounted for': missing },
      'standard errors off': rounded(sigmas, 2),
      'memory MiB': `${rounded(Math.min(...rss), 1)} to ${rounded(Math.max(...rss), 1)}`,
      'growth MiB/min': rounded(growth, 2),
      'error p50 ms': `${rounded(steady[0]?.errorMs ?? 0)} to ${rounded(steady.at(-1)?.errorMs ?? 0)}`,
      'drift ms/min': rounded(drift),
      'later than 5 ms': report.late?.packets ?? '',
      'all bytes': isExact ? 'yes' : 'NO',
      verdict: isGood ? 'bounded, counted, punctual' : 'FAILED',
    }
    return { rows: [row], isGood }
  })
}

/** Of the straight line through them, by least squares. */
function slopePerMinute(samples: readonly Sample[], value: (sample: Sample) => number): number {
  const mean = (of: (sample: Sample) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length
  const [atMean, valueMean] = [mean(({ atMs }) => atMs), mean(value)]
  const covariance = samples.reduce((sum, it) => sum + (it.atMs - atMean) * (value(it) - valueMean), 0)
  const variance = samples.reduce((sum, { atMs }) => sum + (atMs - atMean) ** 2, 0)
  return variance === 0 ? 0 : (covariance / variance) * 60_000
}
