/** `squall down`: removes environments that were left up, before their lease ends. */
import { defineCommand } from 'citty'
import { listRuns, removeRun } from '../environment/heal.ts'
import { ownerIsAlive } from '../environment/owner.ts'
import { healScope } from '../run/heal-scope.ts'
import { type ExitCode, exitCode } from './exit-code.ts'
import { removalLine } from './heal.ts'
import { UsageError } from './usage-error.ts'

export const down = defineCommand({
  meta: { name: 'down', description: 'Remove environments that were left up with `up --detach`' },
  args: {
    run: {
      type: 'positional',
      description: 'run id, as `up` printed it; default: all that were left up',
      required: false,
    },
    json: { type: 'boolean', description: 'what was done, as JSON on standard output', default: false },
  },
  async run({ args }): Promise<ExitCode> {
    const scope = await healScope((line) => void process.stderr.write(`squall: ${line}\n`))
    const runs = await listRuns(scope)
    const chosen =
      args.run === undefined ? runs.filter(isLeftUp) : runs.filter((run) => run.runId === args.run)
    if (args.run !== undefined && chosen.length === 0) {
      const leftUp = runs.filter(isLeftUp).map((run) => run.runId)
      const known = leftUp.length === 0 ? 'nothing was left up' : `left up: ${leftUp.join(', ')}`
      throw new UsageError(`Cannot take ${args.run} down: there is no such run; ${known}`)
    }
    const removals = await Promise.all(chosen.map((run) => removeRun(run.runId, scope)))
    if (args.json) process.stdout.write(`${JSON.stringify(removals, null, 2)}\n`)
    else if (removals.length === 0) process.stdout.write('nothing is up\n')
    else for (const removal of removals) process.stdout.write(`${removalLine(removal)}\n`)
    return removals.some((removal) => removal.left.length > 0) ? exitCode.broken : exitCode.pass
  },
})

/** Nobody works with it any more, but a lease keeps it. A run somebody works with is only removed by name. */
function isLeftUp(run: Awaited<ReturnType<typeof listRuns>>[number]): boolean {
  const owners = run.things.flatMap((thing) => thing.owner ?? [])
  return !run.dead && owners.length > 0 && owners.every((owner) => ownerIsAlive(owner) === false)
}
