/** `squall status`: what is up on this machine: services and whether they answer, faults in force, what is left of the lease. */
import { defineCommand } from 'citty'
import { dockerObjects } from '../environment/docker-client.ts'
import { findDocker } from '../environment/find-docker.ts'
import { listRuns } from '../environment/heal.ts'
import type { ListedClaim } from '../environment/reaper/claims.ts'
import { type EnvironmentStatus, statusOf } from '../run/status.ts'
import { messageOf } from '../support/errors.ts'
import { inWords } from './duration-flag.ts'
import { type ExitCode, exitCode } from './exit-code.ts'

export const status = defineCommand({
  meta: {
    name: 'status',
    description: 'Say what is up: services, faults in force, what is left of the lease',
  },
  args: { json: { type: 'boolean', description: 'as JSON on standard output', default: false } },
  async run({ args }): Promise<ExitCode> {
    const found = await findDocker().catch((error: unknown) => {
      process.stderr.write(`squall: containers were not looked at: ${messageOf(error)}\n`)
      return undefined
    })
    const environments = found ? await statusOf(found) : []
    const isOther = (runId: string): boolean => environments.every((one) => one.runId !== runId)
    const runs = await listRuns(found ? { objects: dockerObjects(found.docker) } : {})
    const others = runs.flatMap(({ runId, dead, why }) => (isOther(runId) ? [{ runId, dead, why }] : []))
    if (args.json) process.stdout.write(`${JSON.stringify({ environments, others }, null, 2)}\n`)
    else {
      const lines = [
        ...environments.flatMap(linesOf),
        ...others.map(({ runId, dead, why }) => `${runId}  ${dead ? 'dead' : 'at work'}: ${why}`),
      ]
      process.stdout.write(lines.length === 0 ? 'nothing is up\n' : `${lines.join('\n')}\n`)
    }
    return exitCode.pass
  },
})

function linesOf(environment: EnvironmentStatus): string[] {
  const { runId, leaseLeftMs, services, inForce } = environment
  return [
    `${runId}  left up, for ${inWords(leaseLeftMs)} more`,
    ...services.map(({ id, url, state }) => `  ${id.padEnd(9)} ${url.padEnd(24)} ${state}`),
    ...inForce.map((fault) => `  in force  ${fault.fault}, ${remaining(fault)}`),
    ...(environment.problem === undefined ? [] : [`  ${environment.problem}`]),
  ]
}

function remaining({ forMs, ageMs }: ListedClaim): string {
  return forMs === undefined ? `since ${inWords(ageMs)}` : `for ${inWords(forMs - ageMs)} more`
}
