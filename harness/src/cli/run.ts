/** `squall run`: plays experiments from files, one after the other, and ends with the worst of their outcomes. */
import { resolve } from 'node:path'
import { defineCommand } from 'citty'
import type { EngineKind } from '../environment/engine.ts'
import { summaryLines } from '../report/summary.ts'
import { loadExperiments } from '../run/load-experiments.ts'
import { loadSubject } from '../run/load-subject.ts'
import { planLines, planOf } from '../run/plan.ts'
import { runExperiment } from '../run/run-experiment.ts'
import { summaryOf } from '../run/summary-of.ts'
import type { Experiment } from '../spec/experiment.ts'
import { openLog } from '../support/log.ts'
import { chooseEngine, engineFlag } from './engine-choice.ts'
import { type ExitCode, exitCode, exitCodeOf, worstOf } from './exit-code.ts'
import { listenForInterrupt } from './interrupt.ts'
import { integerFlag } from './strict-args.ts'
import { tellReports } from './tell-reports.ts'

export const run = defineCommand({
  meta: { name: 'run', description: 'Play an experiment (file, or a folder of them) and give a verdict' },
  args: {
    path: {
      type: 'positional',
      description: 'experiment: .ts, .yaml, .yml, .json, or a folder',
      required: true,
    },
    seed: { type: 'string', description: "replaces the experiment's seed", valueHint: 'N' },
    engine: engineFlag,
    subject: {
      type: 'string',
      description: 'client under test: its name in @squall/subjects, or a file that exports `subject`',
      default: 'reference',
    },
    runs: { type: 'string', description: 'folder that gets `.runs`', default: '.', valueHint: 'folder' },
    plan: {
      type: 'boolean',
      description: 'say what would be done to whom, and do nothing',
      default: false,
    },
    json: { type: 'boolean', description: 'results as JSON on standard output', default: false },
  },
  async run({ args }): Promise<ExitCode> {
    const engine = chooseEngine(args.engine)
    const seed =
      args.seed === undefined ? undefined : integerFlag('seed', args.seed, { min: 0, max: 0xffff_ffff })
    // Every file is read and checked before the first experiment starts.
    const experiments = (await loadExperiments(args.path)).map((experiment) =>
      seed === undefined ? experiment : { ...experiment, seed },
    )
    if (args.plan) return printPlans(experiments, engine, args.json)
    const subject = await loadSubject(args.subject)
    const log = openLog({ json: args.json })
    tellReports(log)
    using interrupt = listenForInterrupt()
    const results = []
    for (const experiment of experiments) {
      if (interrupt.signal.aborted) break
      log.progress(`${experiment.title} (${engine} engine)`)
      const result = await runExperiment(experiment, {
        subject,
        engine,
        log,
        root: resolve(args.runs),
        signal: interrupt.signal,
      })
      if (!args.json) process.stdout.write(`\n${summaryLines(summaryOf(result)).join('\n')}\n`)
      results.push(result)
    }
    if (args.json) process.stdout.write(`${JSON.stringify(results.map(summaryOf), null, 2)}\n`)
    return worstOf(results.map(exitCodeOf))
  },
})

/** A dry run. @throws InvalidExperiment for the first that would be refused. */
function printPlans(experiments: readonly Experiment[], engine: EngineKind, json: boolean): ExitCode {
  const plans = experiments.map((experiment) => planOf(experiment, engine, process.env))
  const text = json ? JSON.stringify(plans, null, 2) : plans.flatMap(planLines).join('\n')
  process.stdout.write(`${text}\n`)
  return exitCode.pass
}
