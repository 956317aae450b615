/**
 * `npm run -s bench -- clean [--trials N] [--others N] [--seed N] [--engine docker|process] [--json]`: whether and how
 * fast everything is clean after `kill -9` of the harness at a random moment of a run with faults in force, on both
 * engines by turns; then, a few times each, after Ctrl-C, SIGTERM and an uncaught exception.
 * The bar (DESIGN 10): 100 of 100, p99 < 5 s. Knowingly missing: a full disk, faults of the network, and a
 * test runner around the exception.
 */
import { createHash } from 'node:crypto'
import { parseArgs } from 'node:util'
import type { EngineKind } from '@squall/harness'
import { type Ending, endings, playTrial, type Trial } from './clean/trial.ts'
import { describeMachine } from './machine.ts'
import { percentile } from './percentile.ts'

const { values } = parseArgs({
  options: {
    trials: { type: 'string', default: '100' },
    others: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    engine: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(
    'Usage: npm run -s bench -- clean [--trials N] [--others N] [--seed N] [--engine docker|process] [--json]',
  )
  process.exit(0)
}
/** Long enough for every fault to come and go several times. */
const windowMs = 4000
const machine = describeMachine()
const engines = enginesFrom(values.engine)
const trials: Trial[] = []

for (const ending of endings) {
  // The others: so many on each engine.
  const count = ending === 'SIGKILL' ? Number(values.trials) : Number(values.others) * engines.length
  for (let index = 0; index < count; index++) {
    const engine = engines[index % engines.length] ?? 'process'
    const trial = await playTrial(engine, ending, momentOf(ending, index))
    trials.push(trial)
    process.stderr.write(`${line(trial)}\n`)
  }
}
const summary = endings.flatMap((ending) => engines.map((engine) => summaryOf(ending, engine)))
const result = { bench: 'clean', seed: Number(values.seed), machine, summary }
console.log(values.json ? JSON.stringify({ ...result, trials }, null, 2) : text())
process.exit(trials.every(({ cleanMs }) => cleanMs !== undefined) ? 0 : 1)

function enginesFrom(name: string | undefined): readonly EngineKind[] {
  if (name === 'docker' || name === 'process') return [name]
  return process.env.SQUALL_ENGINE === 'process' ? ['process'] : ['docker', 'process']
}

/** The same seed gives the same moments. */
function momentOf(ending: Ending, index: number): number {
  const draw = createHash('sha256').update(`${values.seed}/${ending}/${index}`).digest().readUInt32BE()
  return Math.floor((draw / 2 ** 32) * windowMs)
}

function summaryOf(ending: Ending, engine: EngineKind) {
  const ours = trials.filter((trial) => trial.ending === ending && trial.engine === engine)
  const seconds = ours.flatMap(({ cleanMs }) => (cleanMs === undefined ? [] : [cleanMs / 1000]))
  return {
    ...{ ending, engine, trials: ours.length, clean: seconds.length },
    /** How many of them had faults in force, and how many faults that were. */
    withFaults: ours.filter(({ healed }) => healed.length > 0).length,
    faults: ours.flatMap(({ healed }) => healed).length,
    p50: percentile(seconds, 50),
    p99: percentile(seconds, 99),
    left: ours.flatMap(({ left }) => left),
  }
}

function line({ engine, ending, momentMs, cleanMs, healed, left }: Trial): string {
  const end = cleanMs === undefined ? `NOT clean: ${left.join(', ')}` : `clean after ${cleanMs.toFixed(0)} ms`
  return `${engine.padEnd(8)}${ending.padEnd(10)}after ${momentMs} ms: ${end}; ${healed.join(', ') || 'nothing for the reaper to heal'}`
}

function text(): string {
  const rows = summary.map(
    ({ ending, engine, trials: count, clean, withFaults, faults, p50, p99, left }) =>
      `${engine.padEnd(8)}${ending.padEnd(10)}${clean} of ${count} clean, p50 ${p50.toFixed(2)} s, p99 ${p99.toFixed(2)} s; ` +
      `${withFaults} with faults for the reaper (${faults}); left: ${left.join(', ') || 'nothing'}`,
  )
  return [JSON.stringify(machine), ...rows].join('\n')
}
