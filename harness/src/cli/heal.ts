/** `squall heal`: removes what dead runs have left. Never touches what is not Squall's, nor a run that is alive. */
import { defineCommand } from 'citty'
import { heal as healRuns, type RunRemoval } from '../environment/heal.ts'
import { reportLine } from '../environment/reaper-reports.ts'
import { healScope } from '../run/heal-scope.ts'
import { type ExitCode, exitCode } from './exit-code.ts'

export const heal = defineCommand({
  meta: {
    name: 'heal',
    description: 'Remove what dead runs have left: containers, networks, volumes, processes, folders',
  },
  args: {
    json: { type: 'boolean', description: 'what was done, as JSON on standard output', default: false },
  },
  async run({ args }): Promise<ExitCode> {
    const report = await healRuns(await healScope((line) => void process.stderr.write(`squall: ${line}\n`)))
    if (args.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
    else {
      if (report.healed.length === 0) process.stdout.write('nothing to heal: no dead run has left anything\n')
      for (const removal of report.healed) process.stdout.write(`${removalLine(removal)}\n`)
      for (const reaped of report.reaped) process.stdout.write(`${reportLine(reaped)}\n`)
      for (const run of report.kept) process.stdout.write(`kept   ${run.runId}: ${run.why}\n`)
    }
    return report.healed.some((removal) => removal.left.length > 0) ? exitCode.broken : exitCode.pass
  },
})

/** One line per run: what was removed, and what could not be. */
export function removalLine(removal: RunRemoval): string {
  const list = (things: RunRemoval['removed']): string =>
    things.map((thing) => `${thing.kind} ${thing.name}`).join(', ')
  const removed = removal.removed.length === 0 ? 'nothing' : list(removal.removed)
  const left =
    removal.left.length === 0
      ? ''
      : `; still there: ${list(removal.left)} (${removal.lastError ?? 'no error was given'})`
  return `removed ${removal.runId}: ${removed}${left}`
}
