/**
 * The simple protocol: `POST /gradio_api/call/<name>`, then `GET …/<event_id>` for named server-sent events. Only
 * yields and the end are delivered; the text of an error is dropped. Its session is the event, unless the POST named
 * one, so it cannot drive the generate chain.
 */
import { type Call, type Facts, type Route, sendJson } from '@squall/twin-kit'
import { openBreakableLane } from '../gradio/breakable-lane.ts'
import type { Dependency } from '../gradio/dependency.ts'
import type { Message } from '../gradio/messages.ts'
import type { Point } from '../points.ts'
import type { Server } from '../server.ts'
import { sendTraceback } from './answers.ts'
import { enqueue } from './enqueue.ts'
import { readPredictBody } from './predict-body.ts'

/** Both halves of `call`. */
export function callRoutes(server: Server): readonly Route[] {
  return [
    ...['', '/'].map(
      (end): Route => ({
        method: 'POST',
        path: `/gradio_api/call/:name${end}`,
        point: 'wan2gp.http.call' satisfies Point,
        handle: (call) => post(server, call),
      }),
    ),
    {
      method: 'GET',
      path: '/gradio_api/call/:name/:event',
      point: 'wan2gp.http.follow' satisfies Point,
      handle: (call) => follow(server, call),
    },
  ]
}

/** The function that the path names; for a name that it does not know, what Gradio raises is the answer. */
export function findByName({ dependencies }: Server, { response, params }: Call): Dependency | undefined {
  const name = params['name']
  const dependency = dependencies.find(({ apiName }) => apiName === name)
  if (dependency !== undefined) return dependency
  const error = `gradio.route_utils.FnIndexInferError: Could not infer function index for API name: ${name}`
  sendTraceback(response, { file: 'gradio/route_utils.py', fn: 'get_fn' }, error)
  return undefined
}

async function post(server: Server, call: Call): Promise<void> {
  const { request, response } = call
  const body = await readPredictBody(request, response)
  if (body === undefined) return
  const dependency = findByName(server, call)
  if (dependency === undefined) return
  sendJson(response, 200, { event_id: enqueue(server, { request, dependency, body, simpleFormat: true }) })
}

type Send = (event: string, body: unknown, facts?: Facts) => void

/** The key in the path is really a session hash. Unknown ones break the connection after an `error` event. */
async function follow(server: Server, { response, params }: Call): Promise<void> {
  const sessionHash = params['event'] ?? ''
  const lane = openBreakableLane(server, response)
  const send: Send = (event, body, facts = { sessionHash }) =>
    lane.sendRaw('wan2gp.sse.call', `event: ${event}\ndata: ${JSON.stringify(body)}\n\n`, { ...facts, event })
  const mailbox = server.mailboxes.find(sessionHash)
  if (mailbox === undefined) {
    send('error', '404: Session not found.')
    lane.breakOff()
    return
  }
  using _heartbeat = server.context.clock.every(server.heartbeatMs, () => send('heartbeat', null))
  while (!lane.closed.aborted) {
    const letter = mailbox.take()
    if (letter === undefined) {
      await mailbox.change(lane.closed)
      continue
    }
    deliver(send, letter.message, letter.facts)
    if (letter.message.msg === 'process_completed') {
      mailbox.pending.delete(letter.message.event_id ?? '')
      lane.end()
      return
    }
  }
  server.mailboxes.forget(sessionHash)
  server.queue.abandon(sessionHash)
}

function deliver(send: Send, message: Message, facts: Facts): void {
  const { output, success } = message
  if (message.msg === 'process_generating') send('generating', dataOf(output), facts)
  if (message.msg !== 'process_completed') return
  if (success === true) send('complete', dataOf(output), facts)
  else send('error', null, facts)
}

function dataOf(output: unknown): unknown {
  return typeof output === 'object' && output !== null && 'data' in output ? output.data : null
}
