/**
 * Safety: what a user got is byte for byte what the backend wrote for that job, and of the right media type.
 * The truth is the sha256 in the backend's journal. Real backends keep no journal; then this is unknown.
 */
import type { HistoryEvent } from '../history/event.ts'
import { type OperationRecord, operationsOf } from '../history/query.ts'
import type { JobKind } from '../spec/workload-plan.ts'
import type { Check } from './check.ts'

const mediaPrefix: Readonly<Record<JobKind, string>> = { image: 'image/', text: 'text/', video: 'video/' }

export const outputsIntact: Check = (_experiment, history) => {
  const finished = operationsOf(history).filter((record) => record.ends.some((end) => end.what === 'ok'))
  if (finished.length === 0) return { outcome: 'unknown', reason: 'no job produced an output' }
  const written = writtenOutputs(history)
  const problems: string[] = []
  let intact = 0
  let unjudged = 0
  for (const record of finished) {
    const outputs = record.ends.flatMap((end) => end.outputs)
    if (outputs.length === 0) problems.push(`${record.op}: ended well without any output`)
    for (const output of outputs) {
      if (!output.mediaType.startsWith(mediaPrefix[record.kind])) {
        problems.push(`${record.op}: a ${record.kind} job returned ${output.mediaType}`)
        continue
      }
      const judged = judgeOutput(record, output.sha256, written)
      if (judged === 'intact') intact += 1
      else if (judged === 'unjudged') unjudged += 1
      else problems.push(`${record.op}: ${output.bytes} bytes (${output.sha256.slice(0, 12)}) ${judged}`)
    }
  }
  if (problems.length > 0) {
    return {
      outcome: 'fail',
      reason: `${problems.length} of ${finished.length} jobs returned wrong bytes`,
      details: problems,
    }
  }
  if (unjudged > 0) {
    return {
      outcome: 'unknown',
      reason: `${unjudged} outputs came from backends that keep no journal to compare with`,
    }
  }
  return { outcome: 'pass', reason: `${intact} outputs, each byte for byte what its backend wrote` }
}

type Written = {
  /** sha256 → the jobs it was written for. */
  readonly jobsBySha: ReadonlyMap<string, ReadonlySet<string>>
  /** Services that keep a journal of outputs. */
  readonly services: ReadonlySet<string>
}

function writtenOutputs(history: readonly HistoryEvent[]): Written {
  const jobsBySha = new Map<string, Set<string>>()
  const services = new Set<string>()
  for (const event of history) {
    if (event.type !== 'journal' || event.event !== 'output' || event.sha256 === undefined) continue
    services.add(event.service)
    const jobs = jobsBySha.get(event.sha256) ?? new Set()
    if (event.jobId !== undefined) jobs.add(event.jobId)
    jobsBySha.set(event.sha256, jobs)
  }
  return { jobsBySha, services }
}

function judgeOutput(record: OperationRecord, sha256: string, written: Written): string {
  const jobs = written.jobsBySha.get(sha256)
  // The gateway gives its own ids to what the upstream wrote, so text is matched by its bytes alone.
  if (record.service === 'litellm') {
    if (jobs) return 'intact'
    return written.services.has('upstream') || written.services.has('litellm')
      ? 'are of no text that was written'
      : 'unjudged'
  }
  if (!written.services.has(record.service)) return 'unjudged'
  if (jobs === undefined) return 'are of no file that was written'
  return record.jobIds.some((jobId) => jobs.has(jobId)) ? 'intact' : 'belong to another job'
}
