/** The recovery card of one fault: time to detect, to be healthy again, to the first good operation. */
import type { HistoryEvent } from '../history/event.ts'
import { type FaultRecord, faultsOf, firstHealth, operationsOf } from '../history/query.ts'
import type { FaultKind } from '../spec/fault-plan.ts'
import type { ServiceName } from '../spec/topology.ts'

export type RecoveryFigures = {
  readonly kind: FaultKind
  readonly on: ServiceName
  readonly name: string
  /** Whether the service was away as a whole, so that its client was bound to notice. */
  readonly isOutage: boolean
  readonly activeAt: number
  readonly healedAt?: number
  /** From the fault's first effect to the client's UNHEALTHY, ms. */
  readonly detectMs?: number
  /** From the heal to the client's HEALTHY, ms. */
  readonly healthyMs?: number
  /** From the heal to the first operation on the service that ended well, ms. */
  readonly firstOkMs?: number
  /** Operations on the service that were open while the fault was in force. */
  readonly operationsHit: number
}

export function recoveryOf(history: readonly HistoryEvent[], fault: FaultRecord): RecoveryFigures {
  const activeAt = fault.intentAt ?? fault.activeAt ?? 0
  const healedAt = fault.healedAt
  const detectedAt = firstHealth(history, fault.on, 'UNHEALTHY', {
    from: activeAt,
    until: nextFaultAt(history, fault),
  })
  const operations = operationsOf(history).filter((record) => record.service === fault.on)
  const hit = operations.filter(
    (record) =>
      record.invokedAt < (healedAt ?? Number.POSITIVE_INFINITY) &&
      !record.ends.some((end) => end.at < activeAt),
  )
  const { kind, on, name, isOutage } = fault
  const base = { kind, on, name, isOutage, activeAt, operationsHit: hit.length }
  if (healedAt === undefined)
    return { ...base, ...(detectedAt !== undefined && { detectMs: detectedAt - activeAt }) }
  // The client may see the service a moment before the harness has finished healing: that is 0, not negative.
  const healthyAt =
    detectedAt === undefined ? undefined : firstHealth(history, fault.on, 'HEALTHY', { from: detectedAt })
  const okTimes = operations.flatMap((record) =>
    record.ends.flatMap((end) => (end.what === 'ok' && end.at > healedAt ? [end.at] : [])),
  )
  const firstOk = okTimes.length > 0 ? Math.min(...okTimes) : undefined
  return {
    ...base,
    healedAt,
    ...(detectedAt !== undefined && { detectMs: detectedAt - activeAt }),
    ...(healthyAt !== undefined && { healthyMs: Math.max(0, healthyAt - healedAt) }),
    ...(firstOk !== undefined && { firstOkMs: firstOk - healedAt }),
  }
}

/** When the next fault on the service sets in after this one was healed: what the client notices then is that one. */
function nextFaultAt(
  history: readonly HistoryEvent[],
  { on, healedAt = Number.POSITIVE_INFINITY }: FaultRecord,
): number {
  const begins = faultsOf(history)
    .filter((other) => other.on === on && other.kind !== 'noop')
    .map((other) => other.intentAt ?? other.activeAt ?? Number.POSITIVE_INFINITY)
  return Math.min(...begins.filter((at) => at >= healedAt))
}
