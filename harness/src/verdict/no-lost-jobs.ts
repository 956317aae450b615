/**
 * Safety: every job that a backend accepted ends exactly once, and its user learns of it.
 *
 *   lost        accepted, and its user never got a result nor a definite no
 *   never ended accepted, and the client still waited when the run was over
 *   duplicated  ended more than once
 */
import { type OperationRecord, operationsOf } from '../history/query.ts'
import type { Check } from './check.ts'

export const noLostJobs: Check = (_experiment, history) => {
  const accepted = operationsOf(history).filter((record) => record.acceptedAt !== undefined)
  if (accepted.length === 0)
    return { outcome: 'unknown', reason: 'no job was accepted, so none could be lost' }
  const lost = accepted.filter((record) => record.ends.length === 1 && record.ends[0]?.what === 'info')
  const endless = accepted.filter((record) => record.ends.length === 0)
  const duplicated = accepted.filter((record) => record.ends.length > 1)
  const problems = [
    ...lost.map((record) => describe(record, `lost: ${record.ends[0]?.error?.message ?? 'no reason given'}`)),
    ...endless.map((record) => describe(record, 'never ended')),
    ...duplicated.map((record) => describe(record, `ended ${record.ends.length} times`)),
  ]
  if (problems.length === 0) {
    return { outcome: 'pass', reason: `${accepted.length} jobs accepted, each ended exactly once` }
  }
  const counts = [
    [lost, 'lost'],
    [endless, 'never ended'],
    [duplicated, 'duplicated'],
  ] as const
  const summary = counts
    .filter(([records]) => records.length > 0)
    .map(([records, word]) => `${records.length} ${word} (${records.map((record) => record.op).join(', ')})`)
  return {
    outcome: 'fail',
    reason: `of ${accepted.length} accepted jobs: ${summary.join('; ')}`,
    details: problems,
  }
}

function describe(record: OperationRecord, what: string): string {
  return `${record.kind} job ${record.op} on ${record.service} (${record.jobIds.join(' -> ')}) ${what}`
}
