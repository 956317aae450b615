/** Where leftovers are looked for: the container engine if one answers, and always this machine's processes. */
import { dockerObjects } from '../environment/docker-client.ts'
import { findDocker } from '../environment/find-docker.ts'
import type { HealScope } from '../environment/heal.ts'
import { findLeftovers, type Leftover } from '../environment/leftovers.ts'
import type { Reaped } from '../environment/reaper/reaped.ts'
import { readReport } from '../environment/reaper-reports.ts'
import { messageOf } from '../support/errors.ts'

/**
 * @param notice Told when no engine answers: then only processes and folders of this machine are seen.
 */
export async function healScope(notice: (line: string) => void = () => undefined): Promise<HealScope> {
  const found = await findDocker().catch((error: unknown) => {
    notice(`containers were not looked at: ${messageOf(error)}`)
    return undefined
  })
  return found ? { objects: dockerObjects(found.docker) } : {}
}

/** What the reaper of this run did in place of its harness; undefined when it had nothing to do. */
export function reaperReportOf(runId: string): Reaped | undefined {
  return readReport(runId)
}

/** Everything on this machine and in its engine that carries the label of this run; empty once it is gone. */
export async function leftoversOf(runId: string): Promise<readonly Leftover[]> {
  return await findLeftovers({ ...(await healScope()), runId })
}
