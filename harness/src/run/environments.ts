/**
 * Environments that were left up (`squall up --detach`), as another process finds them: whom a reaper guards under a
 * lease. Only those that Squall started can be found, because they are looked for by their labels; a run at work has
 * no lease, and is nobody else's to break.
 */
import { type AttachOptions, attachDockerEngine } from '../environment/docker-attach.ts'
import type { Engine } from '../environment/engine.ts'
import type { FoundDocker } from '../environment/find-docker.ts'
import { type JoinedReaper, joinReaper } from '../environment/joined-reaper.ts'
import { isRunId, labels } from '../environment/labels.ts'
import type { ListedClaim } from '../environment/reaper/claims.ts'
import { defaultTtlMs } from '../environment/reaper-channel.ts'
import { adoptedServices, portsOf } from '../services/adopted-services.ts'
import type { Service, ServiceId } from '../services/service.ts'
import { SquallError } from '../support/errors.ts'
import { pollUntil } from '../support/poll.ts'

/** Twice the lease of a client that hears nothing, and some time to heal. */
const healBudgetMs = 2 * defaultTtlMs + 10_000

export type LeftUp = {
  readonly runId: string
  /** Of its reaper. */
  readonly containerId: string
  /** ISO 8601. */
  readonly created: string
  readonly leaseLeftMs: number
  readonly inForce: readonly ListedClaim[]
}

export type Environment = AsyncDisposable & {
  readonly runId: string
  readonly engine: Engine
  readonly services: ReadonlyMap<ServiceId, Service>
  readonly reaper: JoinedReaper
}

/** All of them, the oldest first. A reaper that does not answer guards nothing that could be reached. */
export async function findEnvironments(found: FoundDocker): Promise<LeftUp[]> {
  const filters = { label: [`${labels.role}=reaper`, labels.run] }
  const listed = await found.docker.listContainers({ filters })
  const asked = await Promise.all(listed.map(({ Id, Labels }) => askReaper(found, Id, Labels)))
  return asked.flatMap((one) => one ?? []).toSorted((a, b) => a.created.localeCompare(b.created))
}

async function askReaper(
  found: FoundDocker,
  containerId: string,
  Labels: Readonly<Record<string, string>>,
): Promise<LeftUp | undefined> {
  const runId = Labels[labels.run] ?? ''
  if (!isRunId(runId)) return undefined
  try {
    return await withReaper(found, { runId, containerId }, async (reaper) => {
      const { leaseLeftMs, claims } = await reaper.state()
      if (leaseLeftMs === undefined) return undefined
      return { runId, containerId, created: Labels[labels.created] ?? '', leaseLeftMs, inForce: claims }
    })
  } catch {
    // It has ended meanwhile, or is of an older Squall.
    return undefined
  }
}

async function withReaper<T>(
  { docker, host }: FoundDocker,
  of: Pick<LeftUp, 'runId' | 'containerId'>,
  work: (reaper: JoinedReaper) => Promise<T>,
): Promise<T> {
  const options = { docker, host, ttlMs: defaultTtlMs, onLost: () => undefined }
  const reaper = await joinReaper({ ...options, runId: of.runId, containerId: of.containerId })
  try {
    return await work(reaper)
  } finally {
    reaper.leave(0)
  }
}

/** The environment stays up for so long from now on. */
export async function renewLease(found: FoundDocker, of: LeftUp, leaseMs: number): Promise<void> {
  await withReaper(found, of, (reaper) => reaper.renew(leaseMs))
}

/**
 * Asks everybody to heal what they have in force there, and waits for it. Who does not listen any more is taken for gone
 * by the reaper, which then heals in its place.
 * @returns what was in force. @throws PollTimeoutError that names what still is
 */
export async function healEnvironment(found: FoundDocker, of: LeftUp): Promise<readonly ListedClaim[]> {
  return await withReaper(found, of, async (reaper) => {
    const { claims: before } = await reaper.state()
    await reaper.recall()
    await pollUntil({
      what: `environment ${of.runId} is healed`,
      everyMs: 50,
      budgetMs: healBudgetMs,
      probe: async () => {
        const { claims } = await reaper.state()
        const left = claims.map(({ fault }) => fault).join(', ')
        return claims.length === 0 ? { done: true, value: undefined } : { done: false, saw: left }
      },
    })
    return before
  })
}

/** The one that is meant: the one of that name, or the only one. @throws SquallError `no-environment` */
export function chooseEnvironment(all: readonly LeftUp[], runId: string | undefined): LeftUp {
  const names = all.map((one) => one.runId).join(', ')
  const refuse = (state: string, advice: string): SquallError =>
    new SquallError('no-environment', `Cannot reach an environment: ${state}; ${advice}`)
  const [only] = all
  if (only === undefined) throw refuse('none was left up', 'bring one up: npm run -s squall -- up --detach')
  if (runId !== undefined) {
    const named = all.find((one) => one.runId === runId)
    if (named === undefined) throw refuse(`${runId} was not left up`, `left up: ${names}`)
    return named
  }
  if (all.length > 1) throw refuse(`${all.length} were left up`, `name one with --run: ${names}`)
  return only
}

export type OpenOptions = Pick<AttachOptions, 'found' | 'runId' | 'agentImage' | 'onReaperLost'>

/** Takes up an environment. Disposing leaves it as it is. @throws EngineError `environment-gone` */
export async function openEnvironment(options: OpenOptions): Promise<Environment> {
  const attached = await attachDockerEngine({ ...options, portsOf })
  return {
    runId: options.runId,
    engine: attached.engine,
    services: adoptedServices(attached.units),
    reaper: attached.reaper,
    [Symbol.asyncDispose]: () => attached[Symbol.asyncDispose](),
  }
}
