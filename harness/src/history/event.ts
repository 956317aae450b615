/**
 * Everything that can stand in a history. One clock: `at` is ms since the run began. Only `run/` writes.
 * An operation ends `ok`, `fail` (certainly did not happen) or `info` (may have happened).
 */
import type { FaultReceipt } from '../faults/fault.ts'
import type { FaultKind } from '../spec/fault-plan.ts'
import type { ServiceName } from '../spec/topology.ts'
import type { JobKind } from '../spec/workload-plan.ts'
import type { OperationEvent } from '../workload/operation.ts'
import type { SubjectEvent, SubjectStats } from '../workload/subject.ts'

/** Raised when the meaning of stored events changes; `replay` refuses folders of another version. */
export const historyVersion = 1

export type HistoryEvent = { readonly seq: number; readonly at: number } & EventBody

export type EventBody =
  | { readonly type: 'run'; readonly what: 'begin'; readonly version: number; readonly startedAt: string }
  | {
      readonly type: 'phase'
      readonly phase: string
      readonly what: 'begin' | 'end'
      readonly error?: string
    }
  | ServiceEvent
  | ({ readonly type: 'operation' } & OperationEvent)
  | SubjectEvent
  | FaultEvent
  | JournalEvent
  | SampleEvent
  /** A stop condition was met: the run ends early, and everything is healed. */
  | { readonly type: 'stop'; readonly reason: string }
  | { readonly type: 'client-stats'; readonly client: number; readonly stats: SubjectStats }

export type ServiceEvent = {
  readonly type: 'service'
  readonly service: ServiceName | 'upstream'
  readonly what: 'ready'
  readonly implementation: string
  readonly startedInMs: number
}

export type FaultEvent = {
  readonly type: 'fault'
  readonly what: 'waiting' | 'intent' | 'active' | 'healing' | 'healed' | 'failed'
  /** Index of the step in the plan. */
  readonly step: number
  /** How often the step was played before. Absent in histories of before there were repetitions. */
  readonly round?: number
  readonly kind: FaultKind
  readonly on: ServiceName
  /** "kill of comfyui". */
  readonly name: string
  /** Whether the service is away as a whole while it is in force. */
  readonly isOutage: boolean
  readonly receipt?: FaultReceipt
  readonly error?: string
}

/** What a twin says it really did; see the journal section of each twin's README. */
export type JournalEvent = {
  readonly type: 'journal'
  readonly service: ServiceName | 'upstream'
  readonly event: string
  readonly jobId?: string
  readonly sha256?: string
  readonly bytes?: number
  readonly mediaType?: string
  readonly outcome?: string
  readonly clientId?: string
}

export type SampleEvent = {
  readonly type: 'sample'
  readonly service: ServiceName | 'upstream'
  readonly cpuSeconds: number
  readonly memoryBytes: number
}

export type { JobKind }
