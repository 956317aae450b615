/**
 * Plays a fault plan: waits for each step's moment, injects, holds, heals. Steps run side by side.
 * Healing has its own budget and does not care whether the run was cancelled: no fault without a heal.
 */
import {
  type FaultKind,
  type FaultSpec,
  type FaultStep,
  faultName,
  isOutage,
  type Moment,
} from '../spec/fault-plan.ts'
import type { ServiceName } from '../spec/topology.ts'
import { sleep } from '../support/clock.ts'
import { withDeadline } from '../support/deadline.ts'
import { faultCatalog } from './catalog.ts'
import type { ActiveFault, Fault, FaultReceipt, FaultTarget } from './fault.ts'

export type NemesisEvent = {
  readonly what: 'waiting' | 'intent' | 'active' | 'healing' | 'healed' | 'failed'
  readonly step: number
  readonly kind: FaultKind
  readonly on: ServiceName
  readonly name: string
  /** Whether the service is away as a whole while it is in force. */
  readonly isOutage: boolean
  readonly receipt?: FaultReceipt
  readonly error?: string
}

export type NemesisOptions = {
  readonly plan: readonly FaultStep[]
  readonly target: (step: FaultStep) => FaultTarget | undefined
  /** Resolves true when the moment has come, false when it can no longer come. The conductor knows the history. */
  readonly reached: (moment: Moment, on: ServiceName) => Promise<boolean>
  readonly emit: (event: NemesisEvent) => void
  readonly healMsMax: number
  /** Cancels the run: what is active is healed at once. */
  readonly signal: AbortSignal
}

/** Resolves when every step was played and healed. @throws the first step's error, after all were healed. */
export async function playPlan(options: NemesisOptions): Promise<void> {
  const played = await Promise.allSettled(options.plan.map((step, index) => playStep(options, step, index)))
  const failed = played.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}

async function playStep(options: NemesisOptions, step: FaultStep, index: number): Promise<void> {
  const { emit, signal } = options
  const { on, fault } = step
  const about = {
    step: index,
    kind: fault.kind,
    on,
    name: faultName(fault, on),
    isOutage: isOutage(fault),
  } as const
  emit({ ...about, what: 'waiting' })
  if (!(await options.reached(step.when, step.on))) {
    emit({ ...about, what: 'failed', error: 'its moment never came' })
    return
  }
  emit({ ...about, what: 'intent' })
  const active = await injectInto(options.target(step), step.fault).catch((error: unknown) => {
    emit({ ...about, what: 'failed', error: String(error) })
    throw error
  })
  emit({ ...about, what: 'active', receipt: active.receipt() })
  try {
    await sleep(step.forMs, signal)
  } catch {
    // Cancelled: heal at once. The conductor knows about the cancellation already.
  }
  emit({ ...about, what: 'healing' })
  try {
    await withDeadline(options.healMsMax, `heal ${about.name}`, () => active.heal())
  } catch (error) {
    emit({ ...about, what: 'failed', error: String(error) })
    throw error
  }
  emit({ ...about, what: 'healed', receipt: active.receipt() })
}

function injectInto(target: FaultTarget | undefined, spec: FaultSpec): Promise<ActiveFault> {
  if (target === undefined)
    return Promise.reject(new Error('Cannot inject a fault: the target was not started here'))
  // The one cast of the catalog: TypeScript cannot see that the entry of a kind takes that kind's spec.
  const fault = faultCatalog[spec.kind] as unknown as Fault
  return fault.inject(spec, target)
}
