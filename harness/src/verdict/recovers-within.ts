/**
 * Liveness: after each heal the client finds the service healthy again, and an operation on it ends well, both
 * within the budget; and the client noticed the fault in the first place.
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
  const problems = recoveries.flatMap((recovery) => problemsOf(recovery, experiment, history))
  if (problems.length > 0) return { outcome: 'fail', reason: problems[0] ?? '', details: problems }
  return { outcome: 'pass', reason: recoveries.map(describe).join('; ') }
}

function problemsOf(
  recovery: RecoveryFigures,
  experiment: Experiment,
  history: readonly HistoryEvent[],
): string[] {
  const { recoveryMsMax, detectionMsMax } = experiment.budgets
  const name = `${recovery.kind} of ${recovery.on}`
  if (recovery.healedAt === undefined) return [`${name} was never healed`]
  const problems: string[] = []
  if (recovery.detectMs === undefined) problems.push(`${name}: the client never noticed it`)
  else if (recovery.detectMs > detectionMsMax) {
    problems.push(`${name}: noticed after ${ms(recovery.detectMs)}, budget ${ms(detectionMsMax)}`)
  }
  if (recovery.healthyMs === undefined) problems.push(`${name}: the client never found it healthy again`)
  else if (recovery.healthyMs > recoveryMsMax) {
    problems.push(`${name}: healthy again after ${ms(recovery.healthyMs)}, budget ${ms(recoveryMsMax)}`)
  }
  const owed = operationsOf(history).some(
    (record) => record.service === recovery.on && !endedBefore(record, recovery),
  )
  if (owed && recovery.firstOkMs === undefined)
    problems.push(`${name}: no operation on it ended well afterwards`)
  else if ((recovery.firstOkMs ?? 0) > recoveryMsMax) {
    problems.push(
      `${name}: first operation ended well after ${ms(recovery.firstOkMs ?? 0)}, budget ${ms(recoveryMsMax)}`,
    )
  }
  return problems
}

function endedBefore(record: ReturnType<typeof operationsOf>[number], recovery: RecoveryFigures): boolean {
  return record.ends.length > 0 && record.ends.every((end) => end.at < (recovery.healedAt ?? 0))
}

function describe(recovery: RecoveryFigures): string {
  const parts = [
    `noticed after ${ms(recovery.detectMs)}`,
    `healthy ${ms(recovery.healthyMs)} after the heal`,
    `first operation ok after ${ms(recovery.firstOkMs)}`,
  ]
  return `${recovery.kind} of ${recovery.on}: ${parts.join(', ')}`
}

function ms(value: number | undefined): string {
  return value === undefined ? 'never' : `${Math.round(value)} ms`
}
