/**
 * The client under test, as the suites see it. A subject is driven through this contract only, so that the
 * reference client, a public library or a client of your own can stand in the same test.
 * Abilities beyond the core are optional members; a test that needs one says so by name.
 */
import type { ServiceName } from '../spec/topology.ts'

export type Subject = {
  readonly name: string
  start(options: SubjectOptions): Promise<ActiveSubject>
}

export type SubjectOptions = {
  /** Base URL per service, e.g. `http://127.0.0.1:20188`; a service that is absent is not in the experiment. */
  readonly endpoints: Readonly<Partial<Record<ServiceName, string>>>
  /** Key for the LiteLLM gateway. */
  readonly litellmKey?: string
  /** Model alias for text jobs. */
  readonly litellmModel?: string
  /** Fixes backoff jitter and every other draw of the client. */
  readonly seed: number
  /** Time between two health probes of a service, ms. */
  readonly healthIntervalMs: number
  /** Called for everything the client notices by itself; the conductor writes it to the history. */
  readonly emit: (event: SubjectEvent) => void
}

export type ActiveSubject = AsyncDisposable & {
  /** Looks for every service again; one entry per endpoint. */
  discover(): Promise<readonly DiscoveredService[]>
  /** Hands a job in. Resolves when the backend accepted it. */
  submit(job: Job, signal: AbortSignal): Promise<SubmittedJob>
  /** Resolves with the finished result, whatever happened in between. */
  follow(submitted: SubmittedJob, signal: AbortSignal): Promise<JobResult>
  stats(): SubjectStats
}

export type DiscoveredService = {
  readonly service: ServiceName
  readonly state: 'connected' | 'error'
  readonly version?: string
  /** Why the state is `error`. */
  readonly reason?: string
}

export type Job =
  | { readonly kind: 'image'; readonly workflow: Readonly<Record<string, unknown>> }
  | { readonly kind: 'text'; readonly prompt: string }
  | {
      readonly kind: 'video'
      readonly prompt: string
      readonly seed: number
      readonly steps: number
      readonly frames: number
    }

export type SubmittedJob = {
  readonly job: Job
  readonly service: ServiceName
  /** The backend's id of the job, if it gives one (ComfyUI prompt id, Gradio event id, LiteLLM call id). */
  readonly jobId: string
}

export type JobResult = {
  readonly outputs: readonly JobOutput[]
}

export type JobOutput = {
  /** As the backend declared it, e.g. `image/png`. Text answers are `text/plain`. */
  readonly mediaType: string
  readonly bytes: Uint8Array
  readonly fileName?: string
}

export type SubjectEvent =
  /** The monitor changed its mind about a service, or (`service: 'system'`) about all of them. */
  | {
      readonly type: 'health'
      readonly service: ServiceName | 'system'
      readonly state: 'HEALTHY' | 'UNHEALTHY'
      readonly reason?: string
    }
  /** A long-lived connection (WebSocket, SSE) changed its state. */
  | {
      readonly type: 'connection'
      readonly service: ServiceName
      readonly state: 'connecting' | 'connected' | 'disconnected' | 'reconnecting'
    }
  /** Something happened to a job between submit and result. `jobId` is the one the event is about. */
  | {
      readonly type: 'job'
      readonly service: ServiceName
      readonly jobId: string
      readonly what: 'started' | 'progress' | 'resubmitted' | 'reconciled'
      /** 0..1, for progress. */
      readonly fraction?: number
      /** For `resubmitted`: the id that replaces `jobId`. */
      readonly newJobId?: string
    }

export type SubjectStats = {
  /** HTTP requests sent and how many of them opened a new connection. */
  readonly requests: number
  readonly connectionsOpened: number
  /** Time from wanting a connection to having one, ms. */
  readonly acquisitionMs: { readonly mean: number; readonly p99: number; readonly max: number }
  readonly retries: number
  readonly reconnects: number
}
