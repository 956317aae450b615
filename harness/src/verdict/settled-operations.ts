/**
 * Safety checks on a history that is not over: each operation is judged once it has ended and its backend has had time
 * to tell of it, by the same pure check, on the events about that operation only. So the cost of a judgement does not
 * grow with the history, and what it finds cannot become good again. Whatever only the whole history shows (a ghost, a
 * job that never ended) is left to the verdict.
 */
import type { HistoryEvent } from '../history/event.ts'
import { inOrder } from '../history/recorder.ts'
import type { Experiment } from '../spec/experiment.ts'
import type { EarlyCheckName } from '../spec/stop-when.ts'
import { checkCatalog } from './catalog.ts'

/** A journal comes through the engine's log and may be later than the client's own word. */
const settleMs = 2_000
/** Judged in one go; the rest waits for the next. */
const judgedMax = 100

export type SettledOperations = {
  add(event: HistoryEvent): void
  /** Why a check fails on an operation that has settled by now, ms since the history began. */
  failure(now: number): string | undefined
  /** What an operation is judged by. */
  eventsOf(op: string): readonly HistoryEvent[]
}

export function watchSettled(checks: readonly EarlyCheckName[], experiment: Experiment): SettledOperations {
  const ended = new Set<string>()
  /** Operations to be judged and when, the first first. */
  const due = new Map<string, number>()
  const about = openIndex()
  const schedule = (op: string, at: number): void => {
    if (!ended.has(op)) return
    due.delete(op)
    due.set(op, at + settleMs)
  }
  return {
    eventsOf: (op) => about.eventsOf(op),
    add(event) {
      if (checks.length === 0) return
      about.add(event)
      if (event.type === 'operation' && isEnd(event)) {
        ended.add(event.op)
        schedule(event.op, event.at)
      }
      // The backend has finished what the client has given up.
      if (event.type === 'journal' && event.event === 'job-finished' && event.jobId !== undefined) {
        for (const op of about.opsOf(event.jobId)) schedule(op, event.at)
      }
    },
    failure(now) {
      const settled = [...due].slice(0, judgedMax).flatMap(([op, at]) => (at <= now ? op : []))
      for (const op of settled) {
        due.delete(op)
        const history = about.eventsOf(op)
        for (const check of checks) {
          const { outcome, reason } = checkCatalog[check](experiment, history)
          if (outcome === 'fail') return `${check} failed: ${reason}`
        }
      }
      return undefined
    },
  }
}

type OperationEvent = Extract<HistoryEvent, { type: 'operation' }>

function isEnd(event: OperationEvent): event is Extract<OperationEvent, { what: 'ok' | 'fail' | 'info' }> {
  return event.what === 'ok' || event.what === 'fail' || event.what === 'info'
}

/** Which events are about which operation. */
function openIndex() {
  const ofOperation = new Map<string, HistoryEvent[]>()
  const ofJob = new Map<string, HistoryEvent[]>()
  const jobs = new Map<string, Set<string>>()
  const ops = new Map<string, Set<string>>()
  /** The first output of each service and of each content: that there is one decides, not how many. */
  const outputs = new Map<string, HistoryEvent>()
  const belongs = (op: string, jobId: string): void => {
    into(jobs, op).add(jobId)
    into(ops, jobId).add(op)
  }
  return {
    add(event: HistoryEvent): void {
      if (event.type === 'operation' && event.what !== 'discovered') {
        listOf(ofOperation, event.op).push(event)
        if (event.what === 'accepted') belongs(event.op, event.jobId)
      }
      if (event.type === 'job' && event.what === 'resubmitted' && event.newJobId !== undefined) {
        listOf(ofJob, event.jobId).push(event)
        for (const op of ops.get(event.jobId) ?? []) belongs(op, event.newJobId)
      }
      if (event.type !== 'journal') return
      if (event.jobId !== undefined) listOf(ofJob, event.jobId).push(event)
      if (event.event !== 'output') return
      for (const key of [event.service, event.sha256 ?? '']) if (!outputs.has(key)) outputs.set(key, event)
    },
    opsOf: (jobId: string): Iterable<string> => ops.get(jobId) ?? [],
    eventsOf(op: string): readonly HistoryEvent[] {
      const ids = [...(jobs.get(op) ?? [])]
      const sharing = new Set([op, ...ids.flatMap((jobId) => [...(ops.get(jobId) ?? [])])])
      const own = [...sharing].flatMap((one) => ofOperation.get(one) ?? [])
      const contents = own.flatMap((event) =>
        event.type === 'operation' && event.what === 'ok' ? event.outputs.map(({ sha256 }) => sha256) : [],
      )
      const written = ['comfyui', 'wan2gp', 'litellm', 'upstream', ...contents].flatMap(
        (key) => outputs.get(key) ?? [],
      )
      return inOrder([...new Set([...own, ...ids.flatMap((jobId) => ofJob.get(jobId) ?? []), ...written])])
    },
  }
}

function into(map: Map<string, Set<string>>, key: string): Set<string> {
  const set = map.get(key) ?? new Set()
  map.set(key, set)
  return set
}

function listOf(map: Map<string, HistoryEvent[]>, key: string): HistoryEvent[] {
  const list = map.get(key) ?? []
  map.set(key, list)
  return list
}
