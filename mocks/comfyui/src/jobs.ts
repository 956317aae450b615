/**
 * The jobs of `/api/jobs`: queue and history seen as one list (golden 02, 06, 08, 12, 14). Nothing is stored here.
 * Knowingly missing: text outputs are not counted.
 */
import { isObject } from './answer.ts'
import { type HistoryEntry, statusOf } from './history.ts'
import type { QueueItem } from './queue.ts'

/** States a job can be in, in the order of the server's own error text. */
export const jobStatuses = ['pending', 'in_progress', 'completed', 'failed', 'cancelled'] as const

/** One of them. */
export type JobStatus = (typeof jobStatuses)[number]

/** A job as clients see it. Members without a value are absent, never null. */
export type Job = Readonly<Record<string, unknown>> & {
  readonly id: string
  readonly status: JobStatus
  readonly create_time?: unknown
  readonly workflow_id?: unknown
}

/** A prompt that waits or runs. */
export function jobFromQueue(item: QueueItem, status: 'pending' | 'in_progress'): Job {
  return {
    id: item.promptId,
    status,
    priority: item.number,
    create_time: item.extraData['create_time'],
    outputs_count: 0,
    previewable_outputs_count: 0,
    workflow_id: workflowIdOf(item),
  }
}

/** A finished prompt. `withDetails` adds outputs, messages and the workflow. */
export function jobFromHistory({ item, result }: HistoryEntry, withDetails = false): Job {
  const dataOf = (event: string) => result.messages.find(([name]) => name === event)?.[1]
  const interrupted = dataOf('execution_interrupted')
  const error = dataOf('execution_error')
  const end = dataOf('execution_success') ?? error ?? interrupted
  const failure: JobStatus = interrupted === undefined ? 'failed' : 'cancelled'
  const details = {
    outputs: result.outputs,
    execution_status: statusOf(result),
    workflow: { prompt: item.graph, extra_data: item.extraData },
  }
  return {
    id: item.promptId,
    status: result.success ? 'completed' : failure,
    priority: item.number,
    create_time: item.extraData['create_time'],
    execution_start_time: dataOf('execution_start')?.['timestamp'],
    execution_end_time: end?.['timestamp'],
    execution_error: error,
    ...summaryOf(result.outputs),
    workflow_id: workflowIdOf(item),
    ...(withDetails ? details : {}),
  }
}

/** Raises for `extra_pnginfo: null`, as the real server does: the whole list answers 500 then (golden 14). */
function workflowIdOf({ extraData }: QueueItem): unknown {
  const info = 'extra_pnginfo' in extraData ? extraData['extra_pnginfo'] : {}
  if (!isObject(info)) throw new TypeError('extra_pnginfo is not an object')
  const workflow = info['workflow']
  return isObject(workflow) ? workflow['id'] : undefined
}

const mediaTypes = new Set(['images', 'video', 'audio', '3d', 'gifs'])

/** Counts files; the preview is the first file that stays, else the first temporary one. */
function summaryOf(outputs: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const files = Object.entries(outputs).flatMap(([nodeId, ui]) =>
    Object.entries(isObject(ui) ? ui : {}).flatMap(([mediaType, items]) =>
      (Array.isArray(items) ? items : []).filter(isObject).map((file) => ({ ...file, nodeId, mediaType })),
    ),
  )
  const shown = files.filter(({ mediaType }) => mediaTypes.has(mediaType))
  const kept = shown.find((file) => 'type' in file && file.type === 'output')
  return {
    outputs_count: files.length,
    previewable_outputs_count: shown.length,
    preview_output: kept ?? shown[0],
  }
}
