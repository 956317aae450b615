/** `squall replay`: judges a stored run again. Needs no engine, no network and no clock. */
import { defineCommand } from 'citty'
import { summaryLines } from '../report/summary.ts'
import { replayRun } from '../run/replay.ts'
import { type ExitCode, exitCode } from './exit-code.ts'

export const replay = defineCommand({
  meta: { name: 'replay', description: 'Judge a stored run again, without any engine' },
  args: {
    folder: {
      type: 'positional',
      description: 'run folder, e.g. .runs/<experiment>/<time>-<seed>',
      required: true,
    },
    json: { type: 'boolean', description: 'verdict as JSON on standard output', default: false },
  },
  async run({ args }): Promise<ExitCode> {
    const { experiment, verdict, stored, outcome } = replayRun(args.folder)
    if (args.json) {
      process.stdout.write(`${JSON.stringify({ outcome, stored, verdict }, null, 2)}\n`)
      return stored.status === 'broken' ? exitCode.broken : exitCode[outcome]
    }
    const { title, seed } = experiment
    const summary = {
      title,
      seed,
      engine: stored.engine,
      status: stored.status,
      ...(stored.problem !== undefined && { problem: stored.problem }),
      outcome,
      verdict,
      folder: args.folder,
    }
    process.stdout.write(`${summaryLines(summary).join('\n')}\n`)
    if (outcome !== stored.outcome)
      process.stdout.write(`  changed     it was ${stored.outcome} when it ran\n`)
    return stored.status === 'broken' ? exitCode.broken : exitCode[outcome]
  },
})
