/** Bulk TCP through a shaper: bits per second, and processor time of the shaper per packet. */
import { readFileSync } from 'node:fs'
import type { AgentProcess } from '../../netem/src/testing/agent-process.ts'
import { sendTcp } from '../../netem/src/testing/send-tcp.ts'
import { type Row, rounded } from './figures.ts'
import type { Place } from './place.ts'

/** Whole frames of up to 64 KiB while only delays are in force; an effect, even of 0 %, makes it single packets. */
const cases: readonly (readonly [string, string, number])[] = [
  ['delay 0ms', 'whole frames', 1_000_000_000],
  ['delay 0ms loss 0%', 'single packets', 200_000_000],
  ['delay 20ms', 'whole frames', 200_000_000],
  ['rate 10mbit', 'single packets', 5_000_000],
  ['rate 100mbit', 'single packets', 50_000_000],
]

/** @param part of the bytes that a machine of usual speed sends */
export async function measureThroughput(place: Place, part: number): Promise<Row[]> {
  const none = await send(place, 1_000_000_000 * part)
  const rows: Row[] = [{ impairment: 'none', 'asked Mbit/s': '', ...none, 'us per packet': '', late: '' }]
  for (const [impairment, unit, bytes] of cases) {
    const text = `${impairment} direction in limit 100000 protocol tcp`
    const row = await place.under([text], async (agent) => {
      const before = await used(agent)
      const sent = await send(place, Math.round(bytes * part))
      const after = await used(agent)
      const cpuUs = (after.cpuMs - before.cpuMs) * 1000
      return {
        impairment: `${impairment} (${unit})`,
        'asked Mbit/s': /rate (\d+)mbit/.exec(impairment)?.[1] ?? '',
        ...sent,
        // The kernel's work is nobody's process.
        'us per packet': place.rung === 'kernel' ? '' : rounded(cpuUs / (after.seen - before.seen), 1),
        late: after.late === undefined ? '' : after.late - (before.late ?? 0),
      }
    })
    rows.push(row)
  }
  return rows
}

async function send(place: Place, bytes: number): Promise<{ readonly 'Mbit/s': number }> {
  const { gotBytes, tookMs } = await sendTcp(place.network.far.ipv4, place.echo.tcp, bytes)
  if (gotBytes !== bytes) throw new Error(`sent ${bytes} bytes, ${gotBytes} arrived`)
  return { 'Mbit/s': rounded((bytes * 8) / tookMs / 1000, 1) }
}

/** Since the agent's beginning. */
async function used(agent: AgentProcess) {
  const report = await agent.report()
  if (!('after' in report)) throw new Error('the agent gave no report')
  return { seen: report.after.seen, late: report.late?.packets, cpuMs: cpuMs(agent) }
}

/** /proc/PID/stat: user and system time are fields 14 and 15, in ticks of 10 ms; the name before them has spaces. */
function cpuMs({ child }: AgentProcess): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}
