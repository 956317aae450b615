/**
 * One fault on one target, from intent to heal. Healing has its own budget and does not care whether the run was
 * cancelled: no fault without a heal.
 */
import { type FaultKind, type FaultStep, faultName, isOutage } from '../spec/fault-plan.ts'
import type { ServiceName } from '../spec/topology.ts'
import { sleep } from '../support/clock.ts'
import { withDeadline } from '../support/deadline.ts'
import { subSeed } from '../support/random.ts'
import { faultCatalog } from './catalog.ts'
import type { ActiveFault, Fault, FaultReceipt, FaultTarget } from './fault.ts'
import type { InForce } from './in-force.ts'

export type NemesisEvent = {
  readonly what: 'waiting' | 'intent' | 'active' | 'healing' | 'healed' | 'failed'
  /** Index of the step in the plan, and how often it was played before. */
  readonly step: number
  readonly round: number
  readonly kind: FaultKind
  readonly on: ServiceName
  readonly name: string
  /** Whether the service is away as a whole while it is in force. */
  readonly isOutage: boolean
  readonly receipt?: FaultReceipt
  readonly error?: string
}

export type Injection = {
  readonly step: FaultStep
  readonly index: number
  readonly round: number
  readonly on: ServiceName
  readonly target: FaultTarget | undefined
  /** That of the run. */
  readonly seed: number
  readonly inForce: InForce
  readonly healMsMax: number
  readonly emit: (event: NemesisEvent) => void
  /** Cancels the run: what is active is healed at once. */
  readonly signal: AbortSignal
}

/** What all events of an injection say alike. */
export function aboutOf({ step, index, round, on }: Pick<Injection, 'step' | 'index' | 'round' | 'on'>) {
  const { fault } = step
  const about = { kind: fault.kind, on, name: faultName(fault, on), isOutage: isOutage(fault) }
  return { step: index, round, ...about } as const
}

/** Resolves when it is healed; a refusal is told as an event. @throws what inject or heal threw, after telling it. */
export async function playInjection(injection: Injection): Promise<void> {
  const { emit, step, on } = injection
  const about = aboutOf(injection)
  const place = injection.inForce.enter(step.fault, on)
  if ('refused' in place) {
    emit({ ...about, what: 'failed', error: place.refused })
    return
  }
  using _place = place
  const told = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      emit({ ...about, what: 'failed', error: String(error) })
      throw error
    }
  }
  emit({ ...about, what: 'intent' })
  const active = await told(() => injectInto(injection))
  emit({ ...about, what: 'active', receipt: active.receipt() })
  await hold(step.forMs, active, injection.signal)
  emit({ ...about, what: 'healing' })
  const isRevived = await told(() =>
    withDeadline(injection.healMsMax, `heal ${about.name}`, async () => {
      await active.heal()
      return await reviveDead(injection)
    }),
  )
  const receipt = active.receipt()
  const evidence = isRevived ? `${receipt.evidence}; its process had ended and was started again` : ''
  emit({ ...about, what: 'healed', receipt: isRevived ? { ...receipt, evidence } : receipt })
}

/** A process that died of what it went without is started again, unless another fault holds it down. */
async function reviveDead({ target, inForce, step, on }: Injection): Promise<boolean> {
  if (target === undefined || (await inForce.isHeldDown(on, step.fault))) return false
  if ((await target.unit.inspect()).status !== 'exited') return false
  await target.unit.restart()
  return true
}

/** Until the time is up, the fault is over by itself, or the run is cancelled (the conductor knows why). */
async function hold(forMs: number, active: ActiveFault, signal: AbortSignal): Promise<void> {
  const over = new AbortController()
  void active.over?.then(() => over.abort())
  await sleep(forMs, AbortSignal.any([signal, over.signal])).catch(() => undefined)
}

/** While its moment is waited for. What cannot be prepared is done, or told, at the injection. */
export function prepareInjection({ step, target }: Pick<Injection, 'step' | 'target'>): void {
  if (target !== undefined) void faultCatalog[step.fault.kind].prepare?.(target)
}

async function injectInto({ target, step, seed, index, round, on }: Injection): Promise<ActiveFault> {
  if (target === undefined) throw new Error('Cannot inject a fault: the target was not started here')
  // The one cast of the catalog: TypeScript cannot see that the entry of a kind takes that kind's spec.
  const fault = faultCatalog[step.fault.kind] as unknown as Fault
  return await fault.inject(step.fault, {
    packetSeed: subSeed(seed, `packets/${index}/${round}/${on}`),
    ...target,
  })
}
