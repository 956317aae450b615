/** What the client can do and what comes out of it. Plain data. */
import type { ServiceName } from './endpoint.ts'

export type Job =
  /** `workflow` is a graph in ComfyUI's API format: node id to `{class_type, inputs}`. */
  | { readonly kind: 'image'; readonly workflow: Readonly<Record<string, unknown>> }
  | { readonly kind: 'text'; readonly prompt: string }
  | VideoJob

export type VideoJob = {
  readonly kind: 'video'
  readonly prompt: string
  readonly seed: number
  readonly steps: number
  readonly frames: number
}

export type SubmittedJob = {
  readonly job: Job
  readonly service: ServiceName
  /** The backend's id: ComfyUI prompt id, id of the chat completion, Gradio event id of `process_tasks`. */
  readonly jobId: string
}

export type JobOutput = {
  /** As the backend declared it, e.g. `image/png`. Text answers are `text/plain`. */
  readonly mediaType: string
  readonly bytes: Uint8Array
  readonly fileName?: string
}

export type JobResult = { readonly outputs: readonly JobOutput[] }

/** One kind of job against one service. `jobId` of `follow` is what `submit` resolved with. */
export type JobRunner<J extends Job> = {
  submit(job: J, signal: AbortSignal): Promise<string>
  follow(jobId: string, signal: AbortSignal): Promise<JobResult>
}
