/** Tells when a moment of the fault plan has come, from the history while it grows. */

import type { SeenMoment } from '../faults/nemesis.ts'
import type { HistoryEvent } from '../history/event.ts'
import type { Recorder } from '../history/recorder.ts'
import type { EventMoment, JobsMoment } from '../spec/moment.ts'
import type { ServiceName } from '../spec/topology.ts'
import { nowMs, sleep } from '../support/clock.ts'

export type MomentOptions = {
  readonly recorder: Recorder
  /** When the workload began, ms since the epoch. */
  readonly workloadBeganAt: number
  /** Aborted when the workload is over: what has not come by then never comes. */
  readonly over: AbortSignal
}

/** Resolves true when the moment has come, false when the workload ended first. */
export function momentReached(options: MomentOptions, moment: SeenMoment, on: ServiceName): Promise<boolean> {
  if ('afterMs' in moment) {
    return passed(Math.max(0, options.workloadBeganAt + moment.afterMs - nowMs()), options.over)
  }
  return 'event' in moment ? eventSeen(options, moment) : jobsSeen(options, moment, on)
}

/** True after `ms`, false when the workload is over before. */
function passed(ms: number, over: AbortSignal): Promise<boolean> {
  return sleep(ms, over).then(
    () => true,
    () => false,
  )
}

/** The nth event with these fields, from the begin of the history on; then the delay. */
async function eventSeen(options: MomentOptions, { event, nth, delayMs }: EventMoment): Promise<boolean> {
  const fields = Object.entries(event)
  let seen = 0
  const isTheOne = (candidate: HistoryEvent): boolean => {
    const values: Readonly<Record<string, unknown>> = candidate
    if (fields.every(([name, value]) => values[name] === value)) seen += 1
    return seen >= nth
  }
  const { promise, resolve } = Promise.withResolvers<boolean>()
  using _listening = options.recorder.onEvent((happened) => {
    if (isTheOne(happened)) resolve(true)
  })
  if (options.recorder.events().some(isTheOne)) resolve(true)
  options.over.addEventListener('abort', () => resolve(false), { once: true })
  if (options.over.aborted) resolve(false)
  return (await promise) && (await passed(delayMs, options.over))
}

function jobsSeen(options: MomentOptions, moment: JobsMoment, on: ServiceName): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const jobs = openJobCounter(on)
  for (const event of options.recorder.events()) jobs.add(event)
  const look = (): void => {
    if (jobs.meets(moment)) resolve(true)
  }
  const listening = options.recorder.onEvent((event) => {
    if (jobs.add(event)) look()
  })
  options.over.addEventListener('abort', () => resolve(false), { once: true })
  look()
  return promise.finally(() => listening[Symbol.dispose]())
}

type JobCounter = {
  /** Whether the event was about a job of this service. */
  add(event: HistoryEvent): boolean
  meets(condition: JobsMoment): boolean
}

/** Counts the jobs of one service by what its journal and the client tell: waiting, running, done. */
function openJobCounter(service: ServiceName): JobCounter {
  const opsHere = new Set<string>()
  const jobOf = new Map<string, string>()
  // A backend may start a job before the answer to its submission has arrived: starts are kept apart.
  const started = new Set<string>()
  let done = 0
  const open = (): string[] => [...jobOf.values()]
  return {
    add(event) {
      // The backend's own journal knows best; a client that tells nothing is hit all the same.
      if (event.type === 'journal' && event.service === service) {
        if (event.event !== 'job-started' || event.jobId === undefined) return false
        started.add(event.jobId)
        return true
      }
      if (event.type === 'job' && event.service === service) {
        if (event.what === 'started') started.add(event.jobId)
        if (event.what === 'resubmitted' && event.newJobId !== undefined)
          replace(jobOf, event.jobId, event.newJobId)
        return event.what !== 'progress'
      }
      if (event.type !== 'operation' || event.what === 'discovered') return false
      if (event.what === 'invoke') {
        if (event.service === service) opsHere.add(event.op)
        return false
      }
      if (!opsHere.has(event.op)) return false
      if (event.what === 'accepted') jobOf.set(event.op, event.jobId)
      else jobOf.delete(event.op)
      if (event.what === 'ok') done += 1
      return true
    },
    meets: (condition) =>
      open().filter((jobId) => started.has(jobId)).length >= (condition.jobsRunning ?? 0) &&
      open().filter((jobId) => !started.has(jobId)).length >= (condition.jobsQueued ?? 0) &&
      done >= (condition.jobsDone ?? 0),
  }
}

function replace(jobOf: Map<string, string>, oldJobId: string, newJobId: string): void {
  for (const [op, jobId] of jobOf) if (jobId === oldJobId) jobOf.set(op, newJobId)
}
