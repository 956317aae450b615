/**
 * `npm run -s bench -- clean [--trials N] [--others N] [--at-once N] [--seed N] [--engine docker|process] [--json]`:
 * whether and how fast everything is clean after `kill -9` of the harness at a random moment of a run with faults in
 * force; then, a few times each, after Ctrl-C, SIGTERM, an exception that nobody catches, one in a test under Vitest,
 * and a disk that fills up, with and without `kill -9` on top. Both engines, so many trials on each. Two trials run at
 * once, as on a build machine with two jobs: neither may touch the other's, and the times are those of a busy machine.
 * The bar (DESIGN 10): 100 of 100, p99 < 5 s.
 */
import { createHash } from 'node:crypto'
import { parseArgs } from 'node:util'
import { type EngineKind, prepareImages } from '@squall/harness'
import { endings } from './clean/endings.ts'
import { roundMs } from './clean/plan.ts'
import { summaryLine, summaryOf, trialLine } from './clean/summary.ts'
import { playTrial, type Trial } from './clean/trial.ts'
import { describeMachine } from './machine.ts'

const { values } = parseArgs({
  options: {
    trials: { type: 'string', default: '100' },
    others: { type: 'string', default: '5' },
    'at-once': { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    engine: { type: 'string' },
    /** Only the endings whose name begins so. */
    ending: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(
    'Usage: npm run -s bench -- clean [--trials N] [--others N] [--at-once N] [--seed N] ' +
      '[--engine docker|process] [--ending NAME] [--json]',
  )
  process.exit(0)
}
/** Two rounds of the plan, so that every fault comes and goes. */
const windowMs = 2 * roundMs
const beganAt = performance.now()
const machine = describeMachine()
const engines = enginesFrom(values.engine)
const chosen = endings.filter(({ name }) => name.startsWith(values.ending))
if (engines.includes('docker')) {
  const say = (text: string): void => void process.stderr.write(`${text}\n`)
  await prepareImages(process.env, { progress: say, warn: say })
}

const trials: Trial[] = []
for (const ending of chosen) {
  const count = Number(ending.name === 'SIGKILL' ? values.trials : values.others)
  const queue = Array.from({ length: count }, (_, index) =>
    engines.map((engine) => ({ engine, momentMs: momentOf(`${ending.name}/${engine}/${index}`) })),
  ).flat()
  // The small disk is the temp folder of the whole process.
  const atOnce = ending.onSmallDisk ? 1 : Number(values['at-once'])
  const playNext = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const trial = await playTrial(next.engine, ending, next.momentMs)
      trials.push(trial)
      process.stderr.write(`${trialLine(trial)}\n`)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, playNext))
}

const summary = chosen.flatMap(({ name }) => engines.map((engine) => summaryOf(trials, engine, name)))
const tookSeconds = Math.round((performance.now() - beganAt) / 1000)
const result = { bench: 'clean', seed: Number(values.seed), atOnce: values['at-once'], machine, tookSeconds }
if (values.json) console.log(JSON.stringify({ ...result, summary, trials }, null, 2))
else console.log([JSON.stringify(machine), ...summary.map(summaryLine), `took ${tookSeconds} s`].join('\n'))
process.exit(trials.every(({ cleanMs }) => cleanMs !== undefined) ? 0 : 1)

function enginesFrom(name: string | undefined): readonly EngineKind[] {
  if (name === 'docker' || name === 'process') return [name]
  return process.env.SQUALL_ENGINE === 'process' ? ['process'] : ['docker', 'process']
}

/** The same seed gives the same moments. */
function momentOf(name: string): number {
  const draw = createHash('sha256').update(`${values.seed}/${name}`).digest().readUInt32BE()
  return Math.floor((draw / 2 ** 32) * windowMs)
}
