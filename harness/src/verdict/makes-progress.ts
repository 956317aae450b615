/** The run meant something: operations of every kind ended well, and after the last heal there was work again. */
import { faultsOf, operationsOf } from '../history/query.ts'
import type { Check } from './check.ts'

export const makesProgress: Check = (experiment, history) => {
  const operations = operationsOf(history)
  const done = operations.filter((record) => record.ends.some((end) => end.what === 'ok'))
  if (operations.length === 0) return { outcome: 'unknown', reason: 'no operation was begun' }
  const idle = [...new Set(experiment.workload.mix)].filter(
    (kind) => !done.some((record) => record.kind === kind),
  )
  if (idle.length > 0) {
    return {
      outcome: 'fail',
      reason: `no ${idle.join(' and no ')} job ended well (${done.length} of ${operations.length} operations did)`,
      details: failureReasons(operations),
    }
  }
  const lastHeal = Math.max(-1, ...faultsOf(history).map((fault) => fault.healedAt ?? -1))
  const pending = operations.some(
    (record) => record.ends.length === 0 || (record.ends[0]?.at ?? 0) > lastHeal,
  )
  const after = done.filter((record) => record.ends.some((end) => end.what === 'ok' && end.at > lastHeal))
  if (lastHeal >= 0 && after.length === 0) {
    return pending
      ? { outcome: 'fail', reason: 'no operation ended well after the last fault was healed' }
      : { outcome: 'unknown', reason: 'all operations had ended before the last fault was healed' }
  }
  const suffix = lastHeal >= 0 ? `, ${after.length} of them after the last heal` : ''
  return { outcome: 'pass', reason: `${done.length} of ${operations.length} operations ended well${suffix}` }
}

function failureReasons(operations: ReturnType<typeof operationsOf>): string[] {
  const reasons = operations.flatMap((record) =>
    record.ends.flatMap((end) => (end.error ? [`${record.op}: ${end.error.message}`] : [])),
  )
  return reasons.slice(0, 20)
}
