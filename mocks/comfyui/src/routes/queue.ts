/** `/queue`, `/interrupt` and `/free`: what is waiting, and how to stop it (golden 08, 12). */
import type { Route } from '@squall/twin-kit'
import { answerEmpty, answerJson, isObject, readJson, readJsonObject } from '../answer.ts'
import type { Backend } from '../backend.ts'
import { shownItem } from '../queue.ts'
import { isTruthy } from '../validation/coerce.ts'

/** Routes for the queue. */
export function queueRoutes({ queue, worker, profile }: Backend): Route[] {
  return [
    {
      method: 'GET',
      path: '/queue',
      handle: ({ response }) => {
        const running = queue.running()
        answerJson(response, {
          queue_running: running === undefined ? [] : [shownItem(running)],
          queue_pending: queue.pending().map(shownItem),
        })
      },
    },
    {
      method: 'POST',
      path: '/queue',
      handle: async ({ request, response }) => {
        const body = await readJsonObject(request)
        if (isTruthy(body['clear'])) queue.clear()
        for (const id of iterated(body['delete'])) queue.remove(id)
        answerEmpty(response)
      },
    },
    {
      method: 'POST',
      path: '/interrupt',
      handle: async ({ request, response }) => {
        const body = await readJson(request).catch(() => ({}))
        if (!isObject(body)) throw new TypeError('the body is not an object')
        const id = body['prompt_id']
        worker.interrupt(profile.hasTargetedInterrupt && isTruthy(id) ? String(id) : undefined)
        answerEmpty(response)
      },
    },
    {
      method: 'POST',
      path: '/free',
      handle: async ({ request, response }) => {
        const body = await readJsonObject(request)
        worker.free({
          unloadModels: isTruthy(body['unload_models']),
          freeMemory: isTruthy(body['free_memory']),
        })
        answerEmpty(response)
      },
    },
  ]
}

/** The ids of a `delete` member. A text is walked letter by letter, which deletes nothing (golden 11). */
export function iterated(value: unknown): string[] {
  if (value === undefined) return []
  if (typeof value === 'string') return value.split('')
  if (!Array.isArray(value)) throw new TypeError('delete is not a list')
  return value.map(String)
}
