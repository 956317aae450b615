/** Histories written by hand, for the tests of the checks: each line is what the conductor would have recorded. */
import type { EventBody, HistoryEvent } from '../history/event.ts'
import type { Experiment, ExperimentInput } from '../spec/experiment.ts'
import { defineExperiment } from '../spec/validate.ts'
import type { JobKind } from '../spec/workload-plan.ts'
import { serviceOfJob } from '../spec/workload-plan.ts'

/** An experiment with one killed ComfyUI; parts can be replaced. */
export function scriptedExperiment(parts: Partial<ExperimentInput> = {}): Experiment {
  return defineExperiment({
    title: 'scripted',
    topology: { comfyui: 'twin', litellm: 'twin', wan2gp: 'twin' },
    workload: { kind: 'closed-loop', users: 1, jobsPerUser: 1, mix: ['image'] },
    faults: [{ when: { afterMs: 0 }, forMs: 100, on: 'comfyui', fault: { kind: 'kill' } }],
    ...parts,
  })
}

/** Events with their times, in order: `at(120, {...})`. */
export function at(ms: number, body: EventBody): HistoryEvent {
  return { seq: ms, at: ms, ...body }
}

export function invoke(ms: number, op: string, kind: JobKind = 'image'): HistoryEvent {
  return at(ms, {
    type: 'operation',
    what: 'invoke',
    op,
    user: 0,
    client: 0,
    kind,
    service: serviceOfJob[kind],
  })
}

export function accepted(ms: number, op: string, jobId: string): HistoryEvent {
  return at(ms, { type: 'operation', what: 'accepted', op, jobId, ms: 1 })
}

export function ok(ms: number, op: string, sha256 = 'aa', mediaType = 'image/png'): HistoryEvent {
  return at(ms, { type: 'operation', what: 'ok', op, ms: 10, outputs: [{ mediaType, bytes: 3, sha256 }] })
}

export function info(ms: number, op: string, message = 'socket closed'): HistoryEvent {
  return at(ms, { type: 'operation', what: 'info', op, ms: 10, error: { class: 'network', message } })
}

export function refused(ms: number, op: string): HistoryEvent {
  return at(ms, {
    type: 'operation',
    what: 'fail',
    op,
    ms: 10,
    error: { class: 'validation', message: 'bad graph' },
  })
}

/** Intent, active and healed of a step, with a receipt. An outage unless said otherwise. */
export function killed(from: number, to: number, bit = true, isOutage = true, step = 0): HistoryEvent[] {
  const about = {
    type: 'fault',
    step,
    kind: 'kill',
    on: 'comfyui',
    name: 'kill of comfyui',
    isOutage,
  } as const
  const receipt = {
    bit,
    rung: 'engine',
    evidence: bit ? 'process 7 ended by SIGKILL' : 'process 7 survived SIGKILL',
  }
  return [
    at(from, { ...about, what: 'intent' }),
    at(from + 1, { ...about, what: 'active', receipt }),
    at(to, { ...about, what: 'healed', receipt }),
  ]
}

export function health(ms: number, state: 'HEALTHY' | 'UNHEALTHY'): HistoryEvent {
  return at(ms, { type: 'health', service: 'comfyui', state })
}

export function wrote(
  ms: number,
  jobId: string,
  sha256: string,
  service: 'comfyui' | 'upstream' = 'comfyui',
): HistoryEvent {
  return at(ms, { type: 'journal', service, event: 'output', jobId, sha256 })
}
