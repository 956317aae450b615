/**
 * The two long answers: the message stream of a session, and its heartbeat connection. One stream carries all calls
 * of the session; it ends after the last of them. When its reader goes away, the session's calls are given up.
 */
import { type Call, openEventStream, type Route } from '@squall/twin-kit'
import type { Mailbox } from '../gradio/mailbox.ts'
import * as messages from '../gradio/messages.ts'
import type { Server } from '../server.ts'

/** Both kinds of heartbeat, real time: `heartbeat_rate` in Gradio's `routes.py`. */
const heartbeatMs = 15_000

/** `queue/data` and `heartbeat`. */
export function streamRoutes(server: Server): readonly Route[] {
  return [
    { method: 'GET', path: '/gradio_api/queue/data', handle: (call) => data(server, call) },
    { method: 'GET', path: '/gradio_api/heartbeat/:session', handle: (call) => heartbeat(server, call) },
  ]
}

async function data(server: Server, { response, query }: Call): Promise<void> {
  const sessionHash = query.get('session_hash') ?? ''
  const stream = openEventStream(response)
  const mailbox = server.mailboxes.find(sessionHash)
  if (mailbox === undefined) {
    // The status is out already, so the real server can only break the connection after its last words.
    stream.send(messages.unexpectedError('404: Session not found.'))
    response.socket?.destroySoon()
    return
  }
  using _heartbeat = server.context.clock.every(heartbeatMs, () => stream.send(messages.heartbeat))
  while (!stream.closed.aborted) {
    const message = mailbox.take()
    if (message === undefined) {
      await mailbox.change(stream.closed)
      continue
    }
    stream.send(message)
    if (isLast(mailbox, message)) {
      stream.send(messages.closeStream)
      stream.end()
      return
    }
  }
  server.queue.abandon(sessionHash)
}

/** Whether this message completes the last open event of the session. Takes the event off the list. */
function isLast(mailbox: Mailbox, message: messages.Message): boolean {
  if (message.msg !== 'process_completed' || message.event_id === null) return false
  mailbox.pending.delete(message.event_id)
  return mailbox.pending.size === 0
}

/** `ALIVE` at once and every 15 s. A client holds it open for as long as its session is in use. */
function heartbeat(server: Server, { response, params }: Call): void {
  const { clock, journal } = server.context
  const clientId = params['session']
  const stream = openEventStream(response)
  const alive = (): void => stream.sendRaw('data: ALIVE\n\n')
  alive()
  journal('client-connected', { clientId })
  const timer = clock.every(heartbeatMs, alive)
  stream.closed.addEventListener('abort', () => {
    timer[Symbol.dispose]()
    journal('client-disconnected', { clientId })
  })
}
