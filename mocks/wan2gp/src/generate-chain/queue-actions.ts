/**
 * The queue under the user's hands: moving and removing tasks, and loading a queue file. Follows `wgp.py`.
 * `load_queue_action` runs on page load and on upload alike, and only the event's target tells it which: a call without
 * a valid `trigger_id` loads the saved queue and ignores the file it was given.
 */
import { readFile } from 'node:fs/promises'
import { components } from '../gradio/components.ts'
import { type FunctionCall, type PlainFunction, update } from '../gradio/function.ts'
import { PythonError } from '../gradio/gradio-error.ts'
import type { Generation, Session, Task } from '../session.ts'
import { type Entry, readQueueZip, readSettingsJson } from './queue-files.ts'
import { queueHtml } from './queue-html.ts'
import type { Studio } from './studio.ts'
import { taskOf } from './task.ts'

/** `move_<from>_to_<to>` (places in the table, from 0) or `remove_<task id>`. Editing has no tab here. */
export const handleQueueAction: PlainFunction = {
  kind: 'plain',
  name: 'handle_queue_action',
  parameters: ['state', 'action_string'],
  run: ({ session: { gen }, values }) => {
    const text = typeof values[1] === 'string' ? values[1] : ''
    const [, from, to] = /^move_(\d+)_to_(\d+)$/.exec(text) ?? []
    const removed = /^remove_(\d+)$/.exec(text)?.[1]
    if (from !== undefined && to !== undefined) moveTask(gen, Number(from) + 1, Number(to) + 1)
    if (removed !== undefined) removeTask(gen, Number(removed))
    return [queueHtml(gen.queue), update(), update()]
  },
}

function moveTask({ queue }: Generation, from: number, to: number): void {
  const [task] = from < queue.length ? queue.splice(from, 1) : []
  if (task === undefined) return
  const place = from < to ? to - 1 : to
  queue.splice(Math.max(1, Math.min(place, queue.length)), 0, task)
}

/** Removing the running task aborts it. */
function removeTask(gen: Generation, id: number): void {
  const place = gen.queue.findIndex((task) => task.id === id)
  if (place < 0) return
  gen.queue.splice(place, 1)
  if (place === 0 && gen.inProgress) gen.abort = true
  gen.promptsMax = Math.max(0, gen.promptsMax - 1)
}

/** Empty the queue and abort what runs. */
export const clearQueueAction: PlainFunction = {
  kind: 'plain',
  name: 'clear_queue_action',
  parameters: ['state'],
  run: ({ session: { gen }, info }) => {
    const hadTasks = gen.queue.length > 0
    gen.queue = []
    gen.promptsMax = 0
    if (gen.inProgress) gen.abort = true
    if (gen.inProgress) info('Queue cleared and current generation aborted.')
    else
      info(
        hadTasks
          ? 'Queue cleared.'
          : "Queue is already empty or only contains the active task (which wasn't aborted now).",
      )
    return [queueHtml(gen.queue)]
  },
}

/** Load a queue: the file that was uploaded, or the saved one. */
export function loadQueueAction(studio: Studio): PlainFunction {
  return {
    kind: 'plain',
    name: 'load_queue_action',
    parameters: ['filepath', 'state'],
    run: async (call) => {
      const { session, values, triggerId, warning } = call
      const isUpload = components.some(({ id }) => id === triggerId)
      if (!isUpload && session.gen.queue.length > 0) return [null]
      const file = isUpload ? await uploadedFile(studio, values[0]) : studio.queueFiles.takeSaved()
      if (file === undefined) return [isUpload ? queueHtml(session.gen.queue) : null]
      const read = Buffer.isBuffer(file) ? await readQueueZip(file) : readSettingsJson(file)
      const loaded = 'error' in read ? read : tasksOf(studio, read.entries)
      if ('error' in loaded) {
        warning(`Failed to load queue: ${loaded.error.slice(0, 200)}`)
        return [queueHtml(session.gen.queue)]
      }
      merge(studio, session, loaded.tasks, call)
      return [queueHtml(session.gen.queue)]
    },
  }
}

/** Bytes of an uploaded zip, or the text of an uploaded `.json`. Only what lies in the cache is read. */
async function uploadedFile({ outputs }: Studio, value: unknown): Promise<Buffer | string | undefined> {
  const path = typeof value === 'object' && value !== null && 'path' in value ? value.path : value
  if (typeof path !== 'string') return undefined
  const allowed = outputs.allowed(path)
  if (allowed === undefined) {
    throw new PythonError(`Cannot move ${path} to the gradio cache dir: it was not uploaded`)
  }
  const bytes = await readFile(allowed.path).catch(() => undefined)
  return path.toLowerCase().endsWith('.json') ? bytes?.toString('utf8') : bytes
}

/** Tasks that are valid; an error only if none is. */
function tasksOf(
  studio: Studio,
  entries: readonly Entry[],
): { readonly tasks: readonly Task[] } | { readonly error: string } {
  const errors: string[] = []
  const tasks = entries.flatMap(({ id, params }) => {
    try {
      return [taskOf(studio, { model_type: params['base_model_type'], ...params }, id)]
    } catch (error) {
      errors.push(error instanceof Error ? error.message : String(error))
      return []
    }
  })
  if (tasks.length > 0) return { tasks }
  return { error: errors[0] ?? 'No valid task could be unpacked.' }
}

/** Loaded tasks get new numbers if there are others already. */
function merge(studio: Studio, { gen }: Session, loaded: readonly Task[], { info }: FunctionCall): void {
  const before = gen.queue.length
  const lastId = Math.max(0, ...gen.queue.map(({ id }) => id))
  const tasks = before === 0 ? loaded : loaded.map((task, index) => ({ ...task, id: lastId + 1 + index }))
  gen.queue.push(...tasks)
  gen.promptsMax = gen.queue.length
  studio.touchQueue(gen.queue)
  info(
    before === 0
      ? `Loaded ${tasks.length} task(s)`
      : `Merged ${tasks.length} task(s) with existing ${before} task(s)`,
  )
}

/** The link between loading a queue and running it: shows the panel if there is anything to run. */
export const initProcessQueueIfAny: PlainFunction = {
  kind: 'plain',
  name: 'init_process_queue_if_any',
  parameters: ['state'],
  run: ({ session }) => {
    const isBusy = session.gen.queue.length > 0
    session.validateSuccess = isBusy
    if (!isBusy) return [update(), update(), update()]
    return [update({ visible: false }), update({ visible: true }), update({ visible: true })]
  },
}
