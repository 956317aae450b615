/**
 * One fault, put in force by hand on an environment that was left up, and healed when its time is over, when it is asked
 * for, or when we go. The environment's reaper knows of it before harm is done, so that also `kill -9` of this process
 * heals it; and it keeps two people from breaking the same thing at once.
 */
import type { EngineError } from '../environment/engine-error.ts'
import type { FaultReceipt, FaultTarget } from '../faults/fault.ts'
import type { InForce } from '../faults/in-force.ts'
import { type NemesisEvent, playInjection } from '../faults/injection.ts'
import type { ServiceId } from '../services/service.ts'
import { claimOf, type FaultStep, faultName, lifeClaim } from '../spec/fault-plan.ts'
import { peersNamed } from '../spec/peers.ts'
import type { ServiceName } from '../spec/topology.ts'
import { SquallError } from '../support/errors.ts'
import { type Environment, type OpenOptions, openEnvironment } from './environments.ts'
import { faultTarget } from './fault-targets.ts'

export type HandOptions = Omit<OpenOptions, 'onReaperLost'> & {
  readonly on: ServiceName
  readonly step: FaultStep
  /** Instead of the step's own: the time after which it is healed. Undefined: when it is told to. */
  readonly forMs: number | undefined
  /** Fixes what it draws. */
  readonly seed: number
  /** Told that it is in force, and how it looks so far. */
  readonly onActive: (receipt: FaultReceipt) => void
  /** Heals it early. */
  readonly signal: AbortSignal
}

/** No timer is longer, and no lease. */
const foreverMs = 2 ** 31 - 1
/** Long enough for a start of a program that takes its time. */
const healMsMax = 60_000

/** Resolves with the evidence when it is healed. @throws SquallError; nothing is in force then. */
export async function injectByHand(options: HandOptions): Promise<FaultReceipt> {
  const { on, seed, forMs, onActive } = options
  const step = { ...options.step, forMs: forMs ?? foreverMs }
  let lost: EngineError | undefined
  const over = new AbortController()
  const onLost = (error: EngineError): void => {
    lost = error
    over.abort()
  }
  await using environment = await openEnvironment({ ...options, onReaperLost: onLost })
  const target = targetIn(environment, step, on)
  const { reaper } = environment
  reaper.onRecall(() => over.abort())
  const claim = claimOf(step.fault)
  const fault = faultName(step.fault, on)
  await using _claimed = await reaper.claim({
    ...{ unit: target.unit.name, fault },
    ...(claim !== undefined && { claim }),
    ...(forMs !== undefined && { forMs }),
  })
  const told: { receipt?: FaultReceipt } = {}
  await playInjection({
    ...{ step, index: 0, round: 0, on, target, seed, healMsMax },
    inForce: inForceAt(environment, target.unit.name, claim),
    emit: ({ what, receipt }: NemesisEvent) => {
      if (receipt === undefined) return
      told.receipt = receipt
      if (what === 'active') onActive(receipt)
    },
    signal: AbortSignal.any([options.signal, over.signal]),
  }).catch((error: unknown) => {
    // Why it could not be healed is the greater news.
    throw lost ?? error
  })
  if (lost !== undefined) throw lost
  if (told.receipt === undefined) throw new Error(`${fault} was healed without a receipt`)
  return told.receipt
}

function targetIn(environment: Environment, step: FaultStep, on: ServiceName): FaultTarget {
  const { services, runId } = environment
  const refuse = (state: string, advice: string): SquallError =>
    new SquallError('cannot-inject', `Cannot inject ${faultName(step.fault, on)}: ${state}; ${advice}`)
  const target = faultTarget(environment, step, on)
  if (target === undefined) {
    const names = [...services.keys()].filter((id) => id !== 'upstream').join(', ')
    throw refuse(`environment ${runId} has no ${on} that Squall started`, `it has ${names}`)
  }
  const absent = peersNamed(step.fault).filter((peer) => services.get(peer as ServiceId)?.unit === undefined)
  if (absent.length > 0) {
    const others = [...services.keys()].filter((id) => id !== on).join(', ')
    throw refuse(
      `environment ${runId} has no ${absent.join(', ')} that Squall started`,
      others === '' ? 'bring one up with them: squall up --detach' : `other than ${on} it has ${others}`,
    )
  }
  if (step.fault.kind === 'protocol' && target.control === undefined) {
    const upstream =
      on === 'litellm' ? 'break its upstream at a point that begins with openai.' : 'use another kind'
    throw refuse(`${on} runs for real and has no fault points`, upstream)
  }
  if (step.fault.kind === 'link' && target.link === undefined) {
    throw refuse('no proxy stands before what was left up', 'use a kind of network, or run it in a plan')
  }
  const needsDisk = ['disk-full', 'read-only'].includes(step.fault.kind)
  if (needsDisk && target.unit.dataDisk === undefined) {
    throw refuse(`${on} has no disk of its own`, 'bring it up with one: squall up --detach --disk-mb 64')
  }
  return target
}

/** Others are kept away by the claim; here it only matters who holds a process down. */
function inForceAt({ reaper }: Environment, unit: string, own: string | undefined): InForce {
  return {
    enter: () => ({ [Symbol.dispose]: () => undefined }),
    isHeldDown: async () => {
      if (own === lifeClaim) return false
      const { claims } = await reaper.state()
      return claims.some((other) => other.unit === unit && other.claim === lifeClaim)
    },
  }
}
