/** Looks for every service and says what is there. Never throws for a missing service: missing is an answer. */
import type { ServiceName } from '../endpoint.ts'
import { ClientError } from '../errors.ts'
import { probes } from './probes.ts'
import type { ProbeContext } from './service-probe.ts'

export type DiscoveredService = {
  readonly service: ServiceName
  readonly state: 'connected' | 'error'
  readonly version?: string
  /** Why the state is `error`. */
  readonly reason?: string
}

/** Asks all services at the same time; a slow one delays the answer by its deadline at most. */
export async function discover(
  services: readonly ServiceName[],
  contextOf: (service: ServiceName) => ProbeContext,
): Promise<readonly DiscoveredService[]> {
  return await Promise.all(services.map((service) => look(service, contextOf(service))))
}

async function look(service: ServiceName, context: ProbeContext): Promise<DiscoveredService> {
  try {
    const { version } = await probes[service].discover(context)
    return { service, state: 'connected', ...(version !== undefined && { version }) }
  } catch (error) {
    if (!(error instanceof ClientError)) throw error
    return { service, state: 'error', reason: error.message }
  }
}
