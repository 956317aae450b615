/**
 * `npm run -s bench -- netem [--packets N] [--rung R] [--every-ms N] [--uml] [--json]`: one rung of netem over a veth
 * pair, as root. Delay error, shares of lost, doubled, damaged and overtaking packets, throughput and processor time,
 * and how fast it comes and goes. The probe is Node too: its own round trip is the first row, and its hiccups are in
 * the tails. With `--uml` the kernel rung is measured as well, under User Mode Linux, which has netem on any machine.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Rung, rungs } from '../netem/src/shaper.ts'
import { whyNotKernelNetem, whyNotShape } from '../netem/src/testing/can-shape.ts'
import { describeMachine } from './machine.ts'
import { measureChanges } from './netem/changes.ts'
import { measureDelays } from './netem/delays.ts'
import { type Row, tableOf } from './netem/figures.ts'
import { withPlace } from './netem/place.ts'
import { measureShares } from './netem/shares.ts'
import { sideBySide } from './netem/side-by-side.ts'
import { measureSoak } from './netem/soak.ts'
import { measureThroughput } from './netem/throughput.ts'
import { runInUml } from './netem/uml.ts'

const { values } = parseArgs({
  options: {
    packets: { type: 'string', default: '5000' },
    rung: { type: 'string', default: 'userspace' },
    'every-ms': { type: 'string', default: '1' },
    /** Part of the bytes sent for throughput; less for slow machines. */
    bytes: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '10' },
    /** Instead of all else: so long under load, e.g. "10m" or "30s". */
    soak: { type: 'string' },
    uml: { type: 'boolean', default: false },
    /** Writes the tables into docs/netem-figures.md, so that none is typed by hand. */
    write: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(
    `Usage: npm run -s bench -- netem [--packets N] [--rung ${rungs.join('|')}] [--uml] [--soak 10m] [--json]`,
  )
  process.exit(0)
}
const rung = values.rung as Rung
const why = rung === 'kernel' ? whyNotKernelNetem() : whyNotShape()
if (why !== undefined || !rungs.includes(rung)) {
  console.error(`bench: Cannot measure the ${rung} rung of netem: ${why ?? 'there is none of this name'}`)
  process.exit(3)
}

const figuresFile = new URL('../docs/netem-figures.md', import.meta.url)

type Measured = Readonly<Record<'delays' | 'shares' | 'throughput' | 'changes', readonly Row[]>>
type Result = { readonly rung: Rung; readonly machine: object } & Measured

if (values.soak !== undefined) process.exit((await soak(values.soak)) ? 0 : 1)
const results: Result[] = [await measure()]
if (values.uml) results.push(await measureInUml())
const containers = values.uml ? await measureContainersInUml() : []
if (values.json) console.log(JSON.stringify({ bench: 'netem', results, containers }, null, 2))
else console.log([...results.map(textOf), ...tablesOfBoth()].join('\n'))
if (values.write) writeFileSync(figuresFile, figuresPage([...results.map(textOf), ...tablesOfBoth()]))

async function measure(): Promise<Result> {
  const machine = describeMachine()
  const count = Number(values.packets)
  return await withPlace(rung, Number(values['every-ms']), async (place) => ({
    rung,
    machine,
    delays: await told('delays', measureDelays(place, count)),
    shares: await told('shares', measureShares(place, count)),
    throughput: await told('throughput', measureThroughput(place, Number(values.bytes))),
    changes: await told('changes', measureChanges(place, Number(values.rounds))),
  }))
}

/** @param duration "10m" or "30s" */
async function soak(duration: string): Promise<boolean> {
  const [, count, unit] = /^(\d+)(m|s)$/.exec(duration) ?? []
  if (count === undefined) throw new RangeError(`"${duration}" is no duration; write 10m or 30s`)
  const forMs = Number(count) * (unit === 'm' ? 60_000 : 1000)
  const machine = describeMachine()
  const { rows, isGood } = await withPlace(rung, 1, async (place) => await measureSoak(place, forMs))
  if (values.json) console.log(JSON.stringify({ bench: 'netem', rung, machine, soak: rows }, null, 2))
  else console.log(`${rung} rung, ${JSON.stringify(machine)}\n\nsoak\n\n${tableOf(rows)}`)
  return isGood
}

/** Slowly, because everything is slow there. */
async function measureInUml(): Promise<Result> {
  const args = [
    '--rung',
    'kernel',
    '--json',
    '--packets',
    '1000',
    '--every-ms',
    '4',
    '--bytes',
    '0.02',
    '--rounds',
    '3',
  ]
  const output = await told('kernel rung', runInUml({ program: 'bench/netem.ts', args }))
  const { results: inside } = JSON.parse(output) as { readonly results: readonly [Result] }
  return inside[0]
}

async function measureContainersInUml(): Promise<Row[]> {
  const program = 'bench/netem/uml-containers.ts'
  const output = await told('containers', runInUml({ program, args: [], withEngine: true }))
  return JSON.parse(output) as Row[]
}

function tablesOfBoth(): string[] {
  if (results.length < 2) return []
  return [
    `## Side by side\n\n${tableOf(sideBySide(results))}\n`,
    `## kernel rung, beside a container\n\n${tableOf(containers)}\n`,
  ]
}

async function told<T>(name: string, work: Promise<T>): Promise<T> {
  const result = await work
  if (!values.json) process.stderr.write(`${name} measured\n`)
  return result
}

function textOf({ rung: name, machine, ...measured }: Result): string {
  const tables = Object.entries(measured).map(([what, rows]) => `### ${what}\n\n${tableOf(rows)}\n`)
  const about = Object.entries(machine).map(([key, value]) => `${key} ${value}`)
  return [`## The ${name} rung\n\n${about.join(', ')}\n`, ...tables].join('\n')
}

function figuresPage(texts: readonly string[]): string {
  const head = `# Figures of netem

Written by \`npm run -s bench -- netem --write\` (\`--uml\` for the kernel rung on a machine without it) on
${new Date().toISOString().slice(0, 10)}; do not edit. The error of a delay is the round trip of a UDP packet over a
veth pair minus what was asked; the row "none" is the same without any shaper. Sigma is the standard error of the share
with so many packets. Rates count payload, 95.6 % of a full frame. Read times of User Mode Linux with care: it is one
slow processor.
`
  return [head, ...texts].join('\n')
}
