/**
 * Safety: every job that a backend accepted ends exactly once, its user learns of it, and nobody else gets it.
 * Where the backend keeps a journal, that is the truth and the client's words are checked against it.
 *
 *   lost        accepted, and its user never got a result nor a definite no
 *   disowned    the client said no, and the backend had finished it
 *   never ended accepted, and the client still waited when the run was over
 *   duplicated  ended more than once
 *   stolen      two operations claim the same job of the backend
 *   ghost       the backend accepted it, and no operation knows of it
 */
import type { HistoryEvent } from '../history/event.ts'
import { type OperationRecord, operationsOf } from '../history/query.ts'
import type { Check } from './check.ts'

export const noLostJobs: Check = (_experiment, history) => {
  const operations = operationsOf(history)
  const accepted = operations.filter((record) => record.acceptedAt !== undefined)
  const ghosts = ghostsOf(operations, history)
  if (accepted.length === 0 && ghosts.length === 0) {
    return { outcome: 'unknown', reason: 'no job was accepted, so none could be lost' }
  }
  const findings = [...fatesOf(accepted, finishedJobs(history)), ...ghosts]
  if (findings.length === 0) {
    return { outcome: 'pass', reason: `${accepted.length} jobs accepted, each ended exactly once` }
  }
  const byWord = Map.groupBy(findings, (finding) => finding.word)
  const summary = [...byWord].map(
    ([word, of]) => `${of.length} ${word} (${of.map((finding) => finding.name).join(', ')})`,
  )
  return {
    outcome: 'fail',
    reason: `of ${accepted.length} accepted jobs: ${summary.join('; ')}`,
    details: findings.map((finding) => finding.text),
  }
}

type Finding = { readonly word: string; readonly name: string; readonly text: string }

function fatesOf(accepted: readonly OperationRecord[], finished: ReadonlySet<string>): Finding[] {
  const claims = new Map<string, number>()
  for (const jobId of accepted.flatMap((record) => record.jobIds))
    claims.set(jobId, (claims.get(jobId) ?? 0) + 1)
  return accepted.flatMap((record) => {
    const found: Finding[] = []
    const [end] = record.ends
    const add = (word: string, text: string): void => {
      const about = `${record.kind} job ${record.op} on ${record.service} (${record.jobIds.join(' -> ')})`
      found.push({ word, name: record.op, text: `${about} ${text}` })
    }
    if (end === undefined) add('never ended', 'never ended')
    if (record.ends.length > 1) add('duplicated', `ended ${record.ends.length} times`)
    if (end?.what === 'info') add('lost', `lost: ${end.error?.message ?? 'no reason given'}`)
    if (end?.what === 'fail' && record.jobIds.some((jobId) => finished.has(jobId))) {
      add('disowned', `was finished by the backend, and the client said: ${end.error?.message ?? 'no'}`)
    }
    if (record.jobIds.some((jobId) => (claims.get(jobId) ?? 0) > 1))
      add('stolen', 'is claimed by another job too')
    return found
  })
}

/** Jobs that the backend says it finished well. */
function finishedJobs(history: readonly HistoryEvent[]): ReadonlySet<string> {
  const ids = history.flatMap((event) =>
    event.type === 'journal' && event.event === 'job-finished' && event.outcome === 'success'
      ? [event.jobId ?? '']
      : [],
  )
  return new Set(ids)
}

/**
 * Only ComfyUI and Wan2GP: behind the gateway one call may rightly become several upstream jobs. A submission whose
 * outcome the client honestly calls unknown may have left one ghost each.
 */
function ghostsOf(operations: readonly OperationRecord[], history: readonly HistoryEvent[]): Finding[] {
  const known = new Set(operations.flatMap((record) => record.jobIds))
  return (['comfyui', 'wan2gp'] as const).flatMap((service) => {
    const ids = history.flatMap((event) =>
      event.type === 'journal' && event.service === service && event.event === 'job-accepted'
        ? [event.jobId ?? '']
        : [],
    )
    const ghosts = [...new Set(ids)].filter((jobId) => !known.has(jobId))
    const excused = operations.filter(
      (record) =>
        record.service === service && record.acceptedAt === undefined && record.ends[0]?.what !== 'fail',
    )
    if (ghosts.length <= excused.length) return []
    return ghosts.map((jobId) => ({
      word: 'ghost',
      name: jobId.slice(0, 8),
      text: `${service} accepted ${jobId}, and no operation knows of it: handed in twice, or denied`,
    }))
  })
}
