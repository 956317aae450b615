/** Questions that several checks ask of a history: operations from begin to end, faults from intent to heal. */
import type { FaultReceipt } from '../faults/fault.ts'
import type { FaultKind } from '../spec/fault-plan.ts'
import type { ServiceName } from '../spec/topology.ts'
import type { JobKind } from '../spec/workload-plan.ts'
import type { OperationError, OutputDigest } from '../workload/operation.ts'
import type { FaultEvent, HistoryEvent } from './event.ts'

export type OperationRecord = {
  readonly op: string
  readonly user: number
  readonly kind: JobKind
  readonly service: ServiceName
  readonly invokedAt: number
  acceptedAt?: number
  /** Every backend id the job had; more than one when it was handed in again. */
  readonly jobIds: string[]
  /** One entry per end. A sound client has exactly one. */
  readonly ends: OperationEnd[]
}

export type OperationEnd = {
  readonly at: number
  readonly what: 'ok' | 'fail' | 'info'
  readonly ms: number
  readonly outputs: readonly OutputDigest[]
  readonly error?: OperationError
}

/** Every operation of the history, in order of invocation. */
export function operationsOf(history: readonly HistoryEvent[]): readonly OperationRecord[] {
  const operations = new Map<string, OperationRecord>()
  const byJob = new Map<string, OperationRecord>()
  for (const event of history) {
    if (event.type === 'operation') addOperationEvent(operations, byJob, event)
    if (event.type === 'job' && event.what === 'resubmitted' && event.newJobId) {
      const record = byJob.get(event.jobId)
      record?.jobIds.push(event.newJobId)
      if (record) byJob.set(event.newJobId, record)
    }
  }
  return [...operations.values()]
}

function addOperationEvent(
  operations: Map<string, OperationRecord>,
  byJob: Map<string, OperationRecord>,
  event: Extract<HistoryEvent, { type: 'operation' }>,
): void {
  if (event.what === 'discovered') return
  if (event.what === 'invoke') {
    const { op, user, kind, service, at } = event
    operations.set(op, { op, user, kind, service, invokedAt: at, jobIds: [], ends: [] })
    return
  }
  const record = operations.get(event.op)
  if (record === undefined) return
  if (event.what === 'accepted') {
    record.acceptedAt = event.at
    record.jobIds.push(event.jobId)
    byJob.set(event.jobId, record)
    return
  }
  const outputs = event.what === 'ok' ? event.outputs : []
  const end = { at: event.at, what: event.what, ms: event.ms, outputs }
  record.ends.push(event.what === 'ok' ? end : { ...end, error: event.error })
}

export type FaultRecord = {
  readonly step: number
  readonly round: number
  readonly kind: FaultKind
  readonly on: ServiceName
  readonly name: string
  readonly isOutage: boolean
  /** When the nemesis set about it. The effect may come before `inject` returns. */
  readonly intentAt?: number
  readonly activeAt?: number
  readonly healedAt?: number
  readonly receipt?: FaultReceipt
  readonly error?: string
}

/** Every injection that the nemesis took up: in plan order, then by round; one record per target. */
export function faultsOf(history: readonly HistoryEvent[]): readonly FaultRecord[] {
  const faults = new Map<string, FaultRecord>()
  for (const event of history) {
    if (event.type !== 'fault') continue
    const key = `${event.step}/${event.round ?? 0}/${event.on}`
    const record = faults.get(key) ?? nothingYet(event)
    faults.set(key, {
      ...record,
      ...(event.what === 'intent' && { intentAt: event.at }),
      ...(event.what === 'active' && { activeAt: event.at }),
      ...(event.what === 'healed' && { healedAt: event.at }),
      ...(event.receipt && { receipt: event.receipt }),
      ...(event.error !== undefined && { error: event.error }),
    })
  }
  return [...faults.values()].sort((a, b) => a.step - b.step || a.round - b.round)
}

function nothingYet({ step, round = 0, kind, on, name, isOutage }: FaultEvent): FaultRecord {
  return { step, round, kind, on, name, isOutage }
}

/** When the client changed its mind about a service: the first such change from `from` on and before `until`. */
export function firstHealth(
  history: readonly HistoryEvent[],
  service: ServiceName,
  state: 'HEALTHY' | 'UNHEALTHY',
  { from, until = Number.POSITIVE_INFINITY }: { readonly from: number; readonly until?: number },
): number | undefined {
  return history.find(
    (event) =>
      event.type === 'health' &&
      event.service === service &&
      event.state === state &&
      event.at >= from &&
      event.at < until,
  )?.at
}
