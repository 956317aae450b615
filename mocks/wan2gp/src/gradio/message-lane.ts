/**
 * Messages of a session on their way to the wire. Each passes its fault point; the point `wan2gp.sse.dialect` makes
 * the server speak like another release, or like none.
 */

import type { ServerResponse } from 'node:http'
import type { EventLane, Facts } from '@squall/twin-kit'
import type { Point } from '../points.ts'
import type { Server } from '../server.ts'
import { openBreakableLane } from './breakable-lane.ts'
import * as messages from './messages.ts'

/** The stream of one session. */
export type MessageLane = {
  readonly send: (message: messages.Message, facts: Facts) => void
  /** Last words; the connection breaks after them, because the status is out already. */
  readonly breakWith: (text: string, facts: Facts) => void
  readonly end: () => void
  readonly closed: AbortSignal
}

/** Open the stream of a session. */
export function openMessageLane(server: Server, response: ServerResponse): MessageLane {
  const { faults } = server.context
  const lane = openBreakableLane(server, response)
  const put = (message: messages.Message, facts: Facts): void =>
    lane.send(pointOf(message.msg), message, { ...facts, ...factsOf(message) })
  const breakWith = (text: string, facts: Facts): void => {
    put(messages.unexpectedError(text), facts)
    lane.breakOff()
  }
  return {
    send: (message, facts) => {
      const hit = faults.decide('wan2gp.sse.dialect', { ...facts, msg: message.msg })
      const as = hit?.action.kind === 'fail' ? hit.action.as : undefined
      if (as === 'unexpected-error') breakWith('Server stopped unexpectedly.', facts)
      else for (const spoken of inDialect(message, as)) write(lane, put, spoken, facts)
    },
    breakWith,
    end: () => lane.end(),
    closed: lane.closed,
  }
}

type Spoken = messages.Message | string

function write(
  lane: EventLane<Point>,
  put: (message: messages.Message, facts: Facts) => void,
  spoken: Spoken,
  facts: Facts,
): void {
  if (typeof spoken === 'string') lane.sendRaw('wan2gp.sse.log', spoken, facts)
  else put(spoken, facts)
}

/** What is said instead of a message by a server that speaks otherwise. */
function inDialect(message: messages.Message, as: string | undefined): readonly Spoken[] {
  const eventId = message.event_id
  if (as === 'unknown-message') return [{ msg: 'process_pondering', event_id: eventId }, message]
  if (as === 'server-stopped') return [{ msg: 'server_stopped', event_id: eventId }, message]
  if (as === 'queue-full') return [{ msg: 'queue_full', event_id: eventId }]
  if (as === 'early-close-stream') return [messages.closeStream]
  if (as === 'no-json') return ['data: [DONE]\n\n', message]
  if (as === 'other-event') return [{ ...message, event_id: '0'.repeat(32) }]
  if (as === 'no-success') return [without(message, 'success')]
  if (as === 'no-output') return [without(message, 'output')]
  if (as === 'failed-with-text') {
    const output = { error: 'A fault was injected here', duration: 10, visible: true, title: 'Error' }
    return [messages.processCompleted(eventId ?? '', output, false)]
  }
  return [message]
}

function without(message: messages.Message, field: string): messages.Message {
  return Object.fromEntries(Object.entries(message).filter(([name]) => name !== field)) as messages.Message
}

const names: Readonly<Record<string, Point>> = {
  estimation: 'wan2gp.sse.estimation',
  process_starts: 'wan2gp.sse.process-starts',
  progress: 'wan2gp.sse.progress',
  process_generating: 'wan2gp.sse.process-generating',
  process_completed: 'wan2gp.sse.process-completed',
  heartbeat: 'wan2gp.sse.heartbeat',
  unexpected_error: 'wan2gp.sse.unexpected-error',
  close_stream: 'wan2gp.sse.close-stream',
}

/** Messages that only a dialect has pass the point of toasts, which no client needs. */
function pointOf(msg: string): Point {
  return names[msg] ?? 'wan2gp.sse.log'
}

function factsOf(message: messages.Message): Facts {
  const { success, level, progress_data: units } = message
  const [unit] = Array.isArray(units) ? (units as { readonly index: number | null }[]) : []
  return {
    ...(typeof success === 'boolean' ? { success } : {}),
    ...(typeof level === 'string' ? { level } : {}),
    ...(unit === undefined ? {} : { step: unit.index }),
  }
}
