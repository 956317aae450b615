/** Where leftovers are looked for: the container engine if one answers, and always this machine's processes. */
import { dockerObjects } from '../environment/docker-client.ts'
import { findDocker } from '../environment/find-docker.ts'
import type { HealScope } from '../environment/heal.ts'
import { findLeftovers, type Leftover } from '../environment/leftovers.ts'

/** An engine that does not answer holds nothing that could be removed now; that is no error. */
export async function healScope(): Promise<HealScope> {
  const found = await findDocker().catch(() => undefined)
  return found ? { objects: dockerObjects(found.docker) } : {}
}

/** Everything on this machine and in its engine that carries the label of this run; empty once it is gone. */
export async function leftoversOf(runId: string): Promise<readonly Leftover[]> {
  return await findLeftovers({ ...(await healScope()), runId })
}
