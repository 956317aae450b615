/**
 * `npm run -s bench -- netem [--packets N] [--json]`: the userspace rung of netem over a veth pair, as root.
 * Delay error, shares of lost, doubled, damaged and overtaking packets, throughput and processor time, and how fast it
 * comes and goes. The probe is Node too: its own round trip is the first row, and its hiccups are in the tails.
 *
 * Knowingly missing: the kernel's netem beside it, on machines that have it.
 */
import { parseArgs } from 'node:util'
import { whyNotShape } from '../netem/src/testing/can-shape.ts'
import { describeMachine } from './machine.ts'
import { measureChanges } from './netem/changes.ts'
import { measureDelays } from './netem/delays.ts'
import { tableOf } from './netem/figures.ts'
import { withPlace } from './netem/place.ts'
import { measureShares } from './netem/shares.ts'
import { measureThroughput } from './netem/throughput.ts'

const { values } = parseArgs({
  options: {
    packets: { type: 'string', default: '5000' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log('Usage: npm run -s bench -- netem [--packets N] [--json]')
  process.exit(0)
}
const why = whyNotShape()
if (why !== undefined) {
  console.error(`bench: Cannot measure netem: ${why}; use Linux 6.6 or newer as root`)
  process.exit(3)
}
const machine = describeMachine()
const count = Number(values.packets)
const measured = await withPlace(async (place) => ({
  delays: await told('delays', measureDelays(place, count)),
  shares: await told('shares', measureShares(place, count)),
  throughput: await told('throughput', measureThroughput(place)),
  changes: await told('changes', measureChanges(place, 10)),
}))
if (values.json)
  console.log(JSON.stringify({ bench: 'netem', rung: 'userspace', machine, ...measured }, null, 2))
else {
  console.log(JSON.stringify(machine))
  for (const [name, rows] of Object.entries(measured)) console.log(`\n${name}\n\n${tableOf(rows)}`)
}

async function told<T>(name: string, work: Promise<T>): Promise<T> {
  const result = await work
  if (!values.json) process.stderr.write(`${name} measured\n`)
  return result
}
