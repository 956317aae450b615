/**
 * `squall heal`: removes what dead runs have left, and ends the faults that are in force in environments that were left
 * up, which stay. Never touches what is not Squall's, nor a run at work.
 */
import { defineCommand } from 'citty'
import { dockerObjects } from '../environment/docker-client.ts'
import { type FoundDocker, findDocker } from '../environment/find-docker.ts'
import { heal as healRuns, type RunRemoval } from '../environment/heal.ts'
import { reportLine } from '../environment/reaper-reports.ts'
import { chooseEnvironment, findEnvironments, healEnvironment } from '../run/environments.ts'
import { messageOf } from '../support/errors.ts'
import { type ExitCode, exitCode } from './exit-code.ts'

export const heal = defineCommand({
  meta: {
    name: 'heal',
    description: 'End the faults in environments that were left up, and remove what dead runs have left',
  },
  args: {
    run: {
      type: 'string',
      description: 'only end the faults of this environment; it stays up',
      valueHint: 'ID',
    },
    json: { type: 'boolean', description: 'what was done, as JSON on standard output', default: false },
  },
  async run({ args }): Promise<ExitCode> {
    const found = await findDocker().catch((error: unknown) => {
      if (args.run !== undefined) throw error
      process.stderr.write(`squall: containers were not looked at: ${messageOf(error)}\n`)
      return undefined
    })
    const ended = found ? await endFaults(found, args.run) : []
    if (args.run !== undefined) {
      if (args.json) process.stdout.write(`${JSON.stringify({ ended }, null, 2)}\n`)
      else
        process.stdout.write(
          ended.length === 0 ? 'nothing to heal: no fault is in force\n' : endedText(ended),
        )
      return exitCode.pass
    }
    const report = await healRuns(found ? { objects: dockerObjects(found.docker) } : {})
    if (args.json) process.stdout.write(`${JSON.stringify({ ended, ...report }, null, 2)}\n`)
    else {
      process.stdout.write(endedText(ended))
      if (report.healed.length + ended.length === 0)
        process.stdout.write('nothing to heal: no dead run has left anything\n')
      for (const removal of report.healed) process.stdout.write(`${removalLine(removal)}\n`)
      for (const reaped of report.reaped) process.stdout.write(`${reportLine(reaped)}\n`)
      for (const run of report.kept) process.stdout.write(`kept   ${run.runId}: ${run.why}\n`)
    }
    return report.healed.some((removal) => removal.left.length > 0) ? exitCode.broken : exitCode.pass
  },
})

type Ended = { readonly runId: string; readonly fault: string }

/** The faults that were in force and are healed now. @throws SquallError `no-environment` for an id that is none. */
async function endFaults(found: FoundDocker, runId: string | undefined): Promise<Ended[]> {
  const all = await findEnvironments(found)
  const chosen = runId === undefined ? all : [chooseEnvironment(all, runId)]
  const ended = await Promise.all(
    chosen.map(async (one) =>
      (await healEnvironment(found, one)).map(({ fault }) => ({ runId: one.runId, fault })),
    ),
  )
  return ended.flat()
}

function endedText(ended: readonly Ended[]): string {
  return ended.map(({ runId, fault }) => `healed ${runId}: ${fault}\n`).join('')
}

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
