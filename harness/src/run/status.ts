/** Looks at the environments that were left up, without changing them: a probe per service, a question to the reaper. */
import type { FoundDocker } from '../environment/find-docker.ts'
import type { ListedClaim } from '../environment/reaper/claims.ts'
import type { Service, ServiceId } from '../services/service.ts'
import { messageOf } from '../support/errors.ts'
import { findEnvironments, type LeftUp, openEnvironment } from './environments.ts'

export type EnvironmentStatus = {
  readonly runId: string
  readonly leaseLeftMs: number
  readonly services: readonly ServiceStatus[]
  readonly inForce: readonly ListedClaim[]
  /** Why its services could not be looked at: it was just being removed. */
  readonly problem?: string
}

type ServiceStatus = {
  readonly id: ServiceId
  readonly url: string
  readonly description: string
  /** "answers", or what was seen instead. */
  readonly state: string
  readonly answers: boolean
}

export async function statusOf(found: FoundDocker): Promise<EnvironmentStatus[]> {
  return await Promise.all((await findEnvironments(found)).map((one) => look(found, one)))
}

async function look(found: FoundDocker, { runId, leaseLeftMs, inForce }: LeftUp): Promise<EnvironmentStatus> {
  const about = { runId, leaseLeftMs, inForce }
  try {
    await using environment = await openEnvironment({ found, runId })
    const services = await Promise.all([...environment.services.values()].map(lookAt))
    return { ...about, services: services.toSorted((a, b) => a.id.localeCompare(b.id)) }
  } catch (error) {
    return { ...about, services: [], problem: messageOf(error) }
  }
}

/** A container that is frozen or ended is not worth waiting for. */
async function lookAt(service: Service): Promise<ServiceStatus> {
  const { id, url, description, unit } = service
  const about = { id, url, description }
  const state = await unit?.inspect()
  if (state !== undefined && state.status !== 'running') {
    return { ...about, answers: false, state: state.status === 'paused' ? 'is frozen' : 'has ended' }
  }
  const seen = await service.probe(new AbortController().signal)
  const version = seen.ok && seen.version !== undefined ? ` (${seen.version})` : ''
  return seen.ok
    ? { ...about, answers: true, state: `answers${version}` }
    : { ...about, answers: false, state: `does not answer: ${seen.saw}` }
}
