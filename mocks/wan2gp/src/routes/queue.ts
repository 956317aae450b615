/** The queue's HTTP side: join, status, cancel, and the reset that does nothing. The stream is in `stream.ts`. */
import { type Call, noteFacts, type Route, sendJson } from '@squall/twin-kit'
import { readModel } from '../fastapi/body.ts'
import * as messages from '../gradio/messages.ts'
import type { Point } from '../points.ts'
import type { Server } from '../server.ts'
import { sendDetail, sendTraceback } from './answers.ts'
import { enqueue } from './enqueue.ts'
import { readPredictBody } from './predict-body.ts'

/** `queue/join`, `queue/status`, `cancel`, `reset`, and the live inputs that no page of Wan2GP has. */
export function queueRoutes(server: Server): readonly Route[] {
  const post = (path: string, point: Point, handle: Route['handle']): Route => ({
    method: 'POST',
    path: `/gradio_api/${path}`,
    point,
    handle,
  })
  const live = (call: Call): Promise<void> => liveInput(server, call)
  return [
    post('queue/join', 'wan2gp.http.join', (call) => join(server, call)),
    post('cancel', 'wan2gp.http.cancel', (call) => cancel(server, call)),
    post('reset', 'wan2gp.http.reset', reset),
    post('reset/', 'wan2gp.http.reset', reset),
    post('stream/:event', 'wan2gp.http.live-input', live),
    post('stream/:event/close', 'wan2gp.http.live-input', ({ response, params }) =>
      answerLive(server, response, params['event']),
    ),
    {
      method: 'GET',
      path: '/gradio_api/queue/status',
      point: 'wan2gp.http.status' satisfies Point,
      handle: ({ response }) =>
        sendJson(response, 200, messages.estimation(null, null, server.queue.length, null)),
    },
  ]
}

async function join(server: Server, { request, response }: Call): Promise<void> {
  const body = await readPredictBody(request, response)
  if (body === undefined) return
  if (body.sessionHash === undefined) {
    sendDetail(response, 400, 'Session hash not found.')
    return
  }
  const dependency = server.dependencies.find(({ id }) => id === body.fnIndex)
  if (dependency === undefined) {
    const exception = `KeyError: ${body.fnIndex ?? 'None'}`
    sendTraceback(response, { file: 'gradio/queueing.py', fn: 'push' }, exception)
    return
  }
  const eventId = enqueue(server, { request, dependency, body, simpleFormat: false })
  noteFacts(response, { fn: dependency.fn.name, eventId, sessionHash: body.sessionHash })
  sendJson(response, 200, { event_id: eventId })
}

/**
 * Completes the event on the stream with an empty, successful output, as 5.29 does. The GPU worker is a thread of its
 * own and goes on.
 */
async function cancel(server: Server, { request, response }: Call): Promise<void> {
  const fields = await readModel(request, response, {
    session_hash: { kind: 'text', isRequired: true },
    fn_index: { kind: 'integer', isRequired: true },
    event_id: { kind: 'text', isRequired: true },
  })
  if (fields === undefined) return
  const [sessionHash, eventId] = [String(fields['session_hash']), String(fields['event_id'])]
  const fnIndex = Number(fields['fn_index'])
  server.queue.cancel(sessionHash, fnIndex)
  const mailbox = server.mailboxes.find(sessionHash)
  if (mailbox?.pending.has(eventId) === true) {
    const fn = server.dependencies.find(({ id }) => id === fnIndex)?.fn.name
    mailbox.put({
      message: messages.processCompleted(eventId, {}, true),
      facts: { sessionHash, eventId, ...(fn === undefined ? {} : { fn }) },
    })
  }
  sendJson(response, 200, { success: true })
}

async function reset({ request, response }: Call): Promise<void> {
  const fields = await readModel(request, response, { event_id: { kind: 'text', isRequired: true } })
  if (fields !== undefined) sendJson(response, 200, { success: true })
}

async function liveInput(server: Server, { request, response, params }: Call): Promise<void> {
  const body = await readPredictBody(request, response)
  if (body !== undefined) answerLive(server, response, params['event'])
}

/** Gradio looks the event up among those that wait or run, and raises if there is none. */
function answerLive(server: Server, response: Call['response'], eventId = ''): void {
  if (server.queue.knows(eventId)) sendJson(response, 200, { msg: 'success' })
  else sendTraceback(response, { file: 'gradio/routes.py', fn: '_' }, `KeyError: '${eventId}'`)
}
