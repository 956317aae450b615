/**
 * Liveness: after each heal an operation on the service ends well within the budget. Where the service was away as a
 * whole, the client must also have noticed it, and must find it healthy again. A protocol fault that leaves the
 * service up may pass unnoticed: what it did to jobs is for the other checks.
 */

import type { HistoryEvent } from '../history/event.ts'
import { faultsOf, operationsOf } from '../history/query.ts'
import type { Experiment } from '../spec/experiment.ts'
import type { Check } from './check.ts'
import { type RecoveryFigures, recoveryOf } from './recovery-figures.ts'

export const recoversWithin: Check = (experiment, history) => {
  const faults = faultsOf(history).filter((fault) => fault.kind !== 'noop' && fault.activeAt !== undefined)
  if (faults.length === 0)
    return { outcome: 'unknown', reason: 'no fault was injected, so there was nothing to recover from' }
  const recoveries = faults.map((fault) => recoveryOf(history, fault))
  const problems = recoveries.flatMap((recovery) => [
    ...(recovery.isOutage ? outageProblems(recovery, experiment) : []),
    ...operationProblems(recovery, experiment, history),
  ])
  if (problems.length > 0) return { outcome: 'fail', reason: problems[0] ?? '', details: problems }
  return { outcome: 'pass', reason: recoveries.map(describe).join('; ') }
}

function outageProblems(recovery: RecoveryFigures, experiment: Experiment): string[] {
  const { recoveryMsMax, detectionMsMax } = experiment.budgets
  const { name } = recovery
  if (recovery.healedAt === undefined) return []
  const problems: string[] = []
  if (recovery.detectMs === undefined) problems.push(`${name}: the client never noticed it`)
  else if (recovery.detectMs > detectionMsMax) {
    problems.push(`${name}: noticed after ${ms(recovery.detectMs)}, budget ${ms(detectionMsMax)}`)
  }
  if (recovery.healthyMs === undefined) problems.push(`${name}: the client never found it healthy again`)
  else if (recovery.healthyMs > recoveryMsMax) {
    problems.push(`${name}: healthy again after ${ms(recovery.healthyMs)}, budget ${ms(recoveryMsMax)}`)
  }
  return problems
}

function operationProblems(
  recovery: RecoveryFigures,
  experiment: Experiment,
  history: readonly HistoryEvent[],
): string[] {
  const { recoveryMsMax } = experiment.budgets
  const { name } = recovery
  if (recovery.healedAt === undefined) return [`${name} was never healed`]
  const owed = operationsOf(history).some(
    (record) => record.service === recovery.on && !endedBefore(record, recovery),
  )
  if (owed && recovery.firstOkMs === undefined) return [`${name}: no operation on it ended well afterwards`]
  if ((recovery.firstOkMs ?? 0) <= recoveryMsMax) return []
  const late = `first operation ended well after ${ms(recovery.firstOkMs ?? 0)}, budget ${ms(recoveryMsMax)}`
  return [`${name}: ${late}`]
}

function endedBefore(record: ReturnType<typeof operationsOf>[number], recovery: RecoveryFigures): boolean {
  return record.ends.length > 0 && record.ends.every((end) => end.at < (recovery.healedAt ?? 0))
}

function describe(recovery: RecoveryFigures): string {
  const firstOk =
    recovery.firstOkMs === undefined
      ? 'no operation was left to end after the heal'
      : `first operation ok after ${ms(recovery.firstOkMs)}`
  if (!recovery.isOutage) return `${recovery.name}: ${firstOk}`
  const noticed = `noticed after ${ms(recovery.detectMs)}, healthy ${ms(recovery.healthyMs)} after the heal`
  return `${recovery.name}: ${noticed}, ${firstOk}`
}

function ms(value: number | undefined): string {
  return value === undefined ? 'never' : `${Math.round(value)} ms`
}
