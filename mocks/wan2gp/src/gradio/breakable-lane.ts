/**
 * The lane of an event stream that a real server may have to break off: when something goes wrong after the status is
 * out, Gradio says its last words and the connection ends without the end of the body.
 */
import type { ServerResponse } from 'node:http'
import { createEventLane, type EventLane, openEventStream } from '@squall/twin-kit'
import type { Point } from '../points.ts'
import type { Server } from '../server.ts'

/** Headers of every event stream of a 5.29 server (measured). */
const eventStreamHeaders = { 'content-type': 'text/event-stream; charset=utf-8' }

/** A lane, and the way to break it off after all that is on it. */
export type BreakableLane = EventLane<Point> & { readonly breakOff: () => void }

/** Sends the head and puts a lane in front of the stream. */
export function openBreakableLane(
  { context }: Pick<Server, 'context'>,
  response: ServerResponse,
): BreakableLane {
  const stream = openEventStream(response, eventStreamHeaders)
  const ending = { isBroken: false }
  const end = (): void => {
    if (ending.isBroken) response.socket?.destroySoon()
    else stream.end()
  }
  const lane = createEventLane<Point>(context.faults, context.clock, { stream: { ...stream, end }, response })
  return {
    ...lane,
    breakOff: () => {
      ending.isBroken = true
      lane.end()
    },
  }
}
