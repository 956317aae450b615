/** The queue's HTTP side: join, status, cancel, and the reset that does nothing. The stream is in `stream.ts`. */
import { type Call, type Route, readBody, sendJson } from '@squall/twin-kit'
import * as messages from '../gradio/messages.ts'
import type { Server } from '../server.ts'
import { sendDetail, sendTraceback } from './answers.ts'
import { enqueue } from './enqueue.ts'
import { readPredictBody } from './predict-body.ts'

const bodyBytesMax = 64 * 1024

/** `queue/join`, `queue/status`, `cancel`, `reset`. */
export function queueRoutes(server: Server): readonly Route[] {
  return [
    { method: 'POST', path: '/gradio_api/queue/join', handle: (call) => join(server, call) },
    {
      method: 'GET',
      path: '/gradio_api/queue/status',
      handle: ({ response }) =>
        sendJson(response, 200, messages.estimation(null, null, server.queue.length, null)),
    },
    { method: 'POST', path: '/gradio_api/cancel', handle: (call) => cancel(server, call) },
    { method: 'POST', path: '/gradio_api/reset', handle: reset },
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
    sendTraceback(response, 'queueing.py"', `KeyError: ${body.fnIndex ?? 'None'}`)
    return
  }
  sendJson(response, 200, { event_id: enqueue(server, { request, dependency, body, simpleFormat: false }) })
}

/**
 * Gives the event up and completes it on the stream with an empty, successful output, as 5.29 does. The GPU worker
 * is a thread of its own and goes on.
 */
async function cancel(server: Server, { request, response }: Call): Promise<void> {
  const body = await readFields(request)
  const missing = ['session_hash', 'fn_index', 'event_id'].filter((name) => body[name] === undefined)
  if (missing.length > 0) {
    sendDetail(
      response,
      422,
      missing.map((name) => missingField(name, body)),
    )
    return
  }
  const { session_hash: sessionHash, event_id: eventId } = body
  if (typeof sessionHash === 'string' && typeof eventId === 'string') {
    server.queue.cancel(eventId)
    server.mailboxes.find(sessionHash)?.put(messages.processCompleted(eventId, {}, true))
  }
  sendJson(response, 200, { success: true })
}

async function reset({ request, response }: Call): Promise<void> {
  const body = await readFields(request)
  if (body['event_id'] === undefined) sendDetail(response, 422, [missingField('event_id', body)])
  else sendJson(response, 200, { success: true })
}

/** Fields of a JSON object; none if the body is something else. */
async function readFields(request: Call['request']): Promise<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse((await readBody(request, { bytesMax: bodyBytesMax })).toString('utf8'))
    return typeof body === 'object' && body !== null ? { ...body } : {}
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    throw error
  }
}

function missingField(name: string, input: unknown): Record<string, unknown> {
  return { type: 'missing', loc: ['body', name], msg: 'Field required', input }
}
