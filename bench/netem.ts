/**
 * `npm run -s bench -- netem [--packets N] [--rung R]... [--every-ms N] [--uml] [--json]`: rungs of netem over a veth
 * pair, as root. Delay error, shares of lost, doubled, damaged and overtaking packets, throughput and processor time,
 * and how fast it comes and goes. The probe is Node too: its own round trip is the first row, and its hiccups are in
 * the tails. With `--uml` both rungs are measured under User Mode Linux as well, which has netem on any machine. What
 * could not be measured is named, the rest is told, and the exit code is 1.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { messageOf } from '../netem/src/errors.ts'
import { type Rung, rungs } from '../netem/src/shaper.ts'
import { whyNotKernelNetem, whyNotShape } from '../netem/src/testing/can-shape.ts'
import { describeMachine } from './machine.ts'
import { measureChanges } from './netem/changes.ts'
import { measureDelays } from './netem/delays.ts'
import { tableOf } from './netem/figures.ts'
import { measureInUml } from './netem/in-uml.ts'
import { figuresPage, textOf } from './netem/page.ts'
import { withPlace } from './netem/place.ts'
import { type Measured, type Missing, nothingMeasured, type Result } from './netem/result.ts'
import { measureShares } from './netem/shares.ts'
import { measureSoak } from './netem/soak.ts'
import { measureThroughput } from './netem/throughput.ts'

const { values } = parseArgs({
  options: {
    packets: { type: 'string', default: '5000' },
    rung: { type: 'string', multiple: true, default: ['userspace'] },
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
    `Usage: npm run -s bench -- netem [--packets N] [--rung ${rungs.join('|')}]... [--uml] [--soak 10m] [--json] [--write]`,
  )
  process.exit(0)
}
const wanted = values.rung.map(checkedRung)
const beganMs = performance.now()
const figuresFile = new URL('../docs/netem-figures.md', import.meta.url)

if (values.soak !== undefined) process.exit((await soak(values.soak)) ? 0 : 1)
const measured = await measureAll()
if (values.json) console.log(JSON.stringify({ bench: 'netem', ...measured }, null, 2))
else console.log(textOf(measured))
if (values.write) writeFileSync(figuresFile, figuresPage(measured))
process.exitCode = measured.missing.length > 0 ? 1 : 0

async function measureAll(): Promise<Measured> {
  const results: Result[] = []
  const missing: Missing[] = []
  for (const rung of wanted) {
    await measure(rung).then(
      (result) => results.push(result),
      (error: unknown) => missing.push({ what: `${rung} rung`, why: messageOf(error) }),
    )
  }
  const {
    results: inUml,
    missing: missingInUml,
    containers,
  } = values.uml ? await measureInUml(tell) : nothingMeasured
  return { results: [...results, ...inUml], missing: [...missing, ...missingInUml], containers }
}

async function measure(rung: Rung): Promise<Result> {
  const machine = describeMachine()
  const options = {
    rung,
    everyMs: Number(values['every-ms']),
    tell: (what: string) => tell(`${rung} rung: ${what}`),
  }
  const began = performance.now()
  const under = await withPlace(options, async (place) => ({
    delays: await measureDelays(place, Number(values.packets)),
    shares: await measureShares(place, Number(values.packets)),
    throughput: await measureThroughput(place, Number(values.bytes)),
  }))
  options.tell('changes')
  const changes = await withPlace(options, (place) => measureChanges(place, Number(values.rounds)))
  const seconds = Math.round((performance.now() - began) / 1000)
  return { rung, place: 'this machine', machine: { ...machine, seconds }, ...under, changes }
}

/** @param duration "10m" or "30s" */
async function soak(duration: string): Promise<boolean> {
  const [, count, unit] = /^(\d+)(m|s)$/.exec(duration) ?? []
  if (count === undefined) throw new RangeError(`"${duration}" is no duration; write 10m or 30s`)
  const forMs = Number(count) * (unit === 'm' ? 60_000 : 1000)
  const machine = describeMachine()
  const [rung = 'userspace'] = wanted
  const { rows, isGood } = await withPlace({ rung, everyMs: 1, tell }, (place) => measureSoak(place, forMs))
  if (values.json) console.log(JSON.stringify({ bench: 'netem', rung, machine, soak: rows }, null, 2))
  else console.log(`${rung} rung, ${JSON.stringify(machine)}\n\nsoak\n\n${tableOf(rows)}`)
  return isGood
}

/** Ends the program when it cannot be measured here. */
function checkedRung(name: string): Rung {
  const rung = rungs.find((it) => it === name)
  const why = rung === 'kernel' ? whyNotKernelNetem() : whyNotShape()
  if (rung !== undefined && why === undefined) return rung
  console.error(`bench: Cannot measure the ${name} rung of netem: ${why ?? 'there is none of this name'}`)
  process.exit(3)
}

function tell(what: string): void {
  const seconds = ((performance.now() - beganMs) / 1000).toFixed(0)
  process.stderr.write(`${seconds.padStart(4)} s  ${what}\n`)
}
