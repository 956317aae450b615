/**
 * The two long answers: the message stream of a session, and its heartbeat connection. One stream carries all calls
 * of the session; it ends after the last of them. When its reader goes away, the session's calls are given up.
 */
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Call, Route } from '@squall/twin-kit'
import { openBreakableLane } from '../gradio/breakable-lane.ts'
import type { Mailbox } from '../gradio/mailbox.ts'
import { type MessageLane, openMessageLane } from '../gradio/message-lane.ts'
import * as messages from '../gradio/messages.ts'
import type { Point } from '../points.ts'
import type { Server } from '../server.ts'
import { sendMissingQuery } from './answers.ts'

/** `queue/data` and `heartbeat`. */
export function streamRoutes(server: Server): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/gradio_api/queue/data',
      point: 'wan2gp.http.data' satisfies Point,
      handle: (call) => data(server, call),
    },
    {
      method: 'GET',
      path: '/gradio_api/heartbeat/:session',
      point: 'wan2gp.http.heartbeat' satisfies Point,
      handle: (call) => heartbeat(server, call),
    },
  ]
}

async function data(server: Server, { response, query }: Call): Promise<void> {
  const sessionHash = query.get('session_hash')
  if (sessionHash === null) return sendMissingQuery(response, 'session_hash')
  const facts = { sessionHash }
  const lane = openMessageLane(server, response)
  const isFound = server.context.faults.decide('wan2gp.stream.find', facts) === undefined
  const mailbox = isFound ? server.mailboxes.find(sessionHash) : undefined
  if (mailbox === undefined) return lane.breakWith('404: Session not found.', facts)
  using _heartbeat = server.context.clock.every(server.heartbeatMs, () =>
    lane.send(messages.heartbeat, facts),
  )
  if ((await relay(mailbox, lane, response)) === 'finished') {
    lane.send(messages.closeStream, facts)
    lane.end()
  } else {
    server.mailboxes.forget(sessionHash)
    server.queue.abandon(sessionHash)
  }
}

/** Sends what comes until the last open event is complete, or the reader is gone. */
async function relay(
  mailbox: Mailbox,
  lane: MessageLane,
  response: ServerResponse,
): Promise<'finished' | 'gone'> {
  while (!lane.closed.aborted) {
    // A reader that does not read must not fill the memory with what it did not take.
    if (response.writableNeedDrain)
      await once(response, 'drain', { signal: lane.closed }).catch(() => undefined)
    const letter = mailbox.take()
    if (letter === undefined) {
      await mailbox.change(lane.closed)
      continue
    }
    const { message, facts } = letter
    lane.send(message, facts)
    if (message.msg !== 'process_completed' || message.event_id === null) continue
    // A call that was cancelled while it waited completes twice; the second time Gradio stumbles (measured).
    if (!mailbox.pending.delete(message.event_id)) lane.breakWith(`'${message.event_id}'`, facts)
    else if (mailbox.pending.size === 0) return 'finished'
  }
  return 'gone'
}

/** `ALIVE` at once and every 15 s. A client holds it open for as long as its session is in use. */
function heartbeat(server: Server, { response, params }: Call): void {
  const { clock, journal } = server.context
  const clientId = params['session']
  const lane = openBreakableLane(server, response)
  const alive = (): void => lane.sendRaw('wan2gp.sse.alive', 'data: ALIVE\n\n', { sessionHash: clientId })
  alive()
  journal('client-connected', { clientId })
  const timer = clock.every(server.heartbeatMs, alive)
  lane.closed.addEventListener('abort', () => {
    timer[Symbol.dispose]()
    journal('client-disconnected', { clientId })
  })
}
