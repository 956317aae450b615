/**
 * The messages of `/gradio_api/queue/data`, field by field as a 5.29 server sends them (section 6.4 of the
 * protocol notes). `queue_full` and `server_stopped` are not here: a 5.29 server never sends them.
 */
import type { ProgressUnit } from './function.ts'

/** Any message. `event_id` is `null` for those that concern the whole stream. */
export type Message = { readonly msg: string; readonly event_id: string | null } & Readonly<
  Record<string, unknown>
>

/** The `output` object of a call that went well. Durations in seconds. */
export type Output = {
  readonly data: readonly unknown[]
  readonly is_generating: boolean
  readonly duration: number
  readonly average_duration: number
  readonly render_config: null
  readonly changed_state_ids: readonly number[]
}

/** Build an `output` object. */
export const outputOf = (options: {
  data: readonly unknown[]
  isGenerating: boolean
  durationSeconds: number
  averageSeconds: number
}): Output => ({
  data: options.data,
  is_generating: options.isGenerating,
  duration: options.durationSeconds,
  average_duration: options.averageSeconds,
  render_config: null,
  changed_state_ids: [],
})

/** Place in the queue. `etaSeconds` is `null` until the function has run once. */
export const estimation = (
  eventId: string | null,
  rank: number | null,
  queueSize: number,
  etaSeconds: number | null,
): Message => ({ msg: 'estimation', event_id: eventId, rank, queue_size: queueSize, rank_eta: etaSeconds })

/** A slot was taken. */
export const processStarts = (eventId: string, etaSeconds: number | null): Message => ({
  msg: 'process_starts',
  event_id: eventId,
  eta: etaSeconds,
})

/** A `gr.Progress` update. */
export const progress = (eventId: string, units: readonly ProgressUnit[]): Message => ({
  msg: 'progress',
  event_id: eventId,
  progress_data: units,
})

/** A `gr.Info` or `gr.Warning` toast. */
export const log = (eventId: string, level: 'info' | 'warning', text: string): Message => ({
  msg: 'log',
  event_id: eventId,
  log: text,
  level,
  duration: 10,
  visible: true,
  title: level === 'info' ? 'Info' : 'Warning',
})

/** One yield of a generator. */
export const processGenerating = (eventId: string, output: Output): Message => ({
  msg: 'process_generating',
  event_id: eventId,
  output,
  success: true,
  time_limit: null,
})

/** The end of a call, good or bad. */
export const processCompleted = (eventId: string, output: unknown, success: boolean): Message => ({
  msg: 'process_completed',
  event_id: eventId,
  output,
  success,
  title: success ? null : 'Error',
})

/** Sent every 15 s on an open stream. */
export const heartbeat: Message = { msg: 'heartbeat', event_id: null }

/** Right after the last pending event of the session; the server then closes. */
export const closeStream: Message = { msg: 'close_stream', event_id: null }

/** The stream cannot go on. */
export const unexpectedError = (text: string): Message => ({
  msg: 'unexpected_error',
  event_id: null,
  message: text,
  success: false,
})
