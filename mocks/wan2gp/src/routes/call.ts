/**
 * The simple protocol: `POST /gradio_api/call/<name>`, then `GET …/<event_id>` for named server-sent events. Only
 * yields and the end are delivered; the text of an error is dropped. Its session is the event, unless the POST named
 * one, so it cannot drive the generate chain.
 */
import { type Call, type EventStream, openEventStream, type Route, sendJson } from '@squall/twin-kit'
import type { Message } from '../gradio/messages.ts'
import type { Server } from '../server.ts'
import { sendTraceback } from './answers.ts'
import { enqueue } from './enqueue.ts'
import { readPredictBody } from './predict-body.ts'

const heartbeatMs = 15_000

/** Both halves of `call`. */
export function callRoutes(server: Server): readonly Route[] {
  return [
    { method: 'POST', path: '/gradio_api/call/:name', handle: (call) => post(server, call) },
    { method: 'GET', path: '/gradio_api/call/:name/:event', handle: (call) => follow(server, call) },
  ]
}

async function post(server: Server, { request, response, params }: Call): Promise<void> {
  const body = await readPredictBody(request, response)
  if (body === undefined) return
  const dependency = server.dependencies.find(({ apiName }) => apiName === params['name'])
  if (dependency === undefined) {
    sendTraceback(response, 'route_utils.py"', `AttributeError: Could not find function: ${params['name']}`)
    return
  }
  sendJson(response, 200, { event_id: enqueue(server, { request, dependency, body, simpleFormat: true }) })
}

/** The key in the path is really a session hash. Unknown ones break the connection after an `error` event. */
async function follow(server: Server, { response, params }: Call): Promise<void> {
  const sessionHash = params['event'] ?? ''
  const stream = openEventStream(response)
  const mailbox = server.mailboxes.find(sessionHash)
  if (mailbox === undefined) {
    send(stream, 'error', null)
    response.socket?.destroySoon()
    return
  }
  using _heartbeat = server.context.clock.every(heartbeatMs, () => send(stream, 'heartbeat', null))
  while (!stream.closed.aborted) {
    const message = mailbox.take()
    if (message === undefined) {
      await mailbox.change(stream.closed)
      continue
    }
    deliver(stream, message)
    if (message.msg === 'process_completed') {
      mailbox.pending.delete(message.event_id ?? '')
      stream.end()
      return
    }
  }
  server.queue.abandon(sessionHash)
}

function deliver(stream: EventStream, message: Message): void {
  const { output, success } = message
  if (message.msg === 'process_generating') send(stream, 'generating', dataOf(output))
  if (message.msg !== 'process_completed') return
  if (success === true) send(stream, 'complete', dataOf(output))
  else send(stream, 'error', null)
}

function dataOf(output: unknown): unknown {
  return typeof output === 'object' && output !== null && 'data' in output ? output.data : null
}

function send(stream: EventStream, event: string, body: unknown): void {
  stream.sendRaw(`event: ${event}\ndata: ${JSON.stringify(body)}\n\n`)
}
