/** The lane of a server-sent event stream: messages are texts of events, and the wire is the response. */
import type { ServerResponse } from 'node:http'
import type { VirtualClock } from '../clock.ts'
import type { EventStream } from '../event-stream.ts'
import type { Facts } from './entry.ts'
import type { Faults } from './faults.ts'
import { corruptText, createLane } from './lane.ts'

/** An event stream whose messages pass fault points. */
export type EventLane<Point extends string = string> = {
  /** Sends `data: <JSON>` and a blank line. */
  send(point: Point, data: unknown, facts?: Facts): void
  /** Sends text as it is; the caller writes the line ends. */
  sendRaw(point: Point, text: string, facts?: Facts): void
  /** Ends the stream after all that is held. */
  end(): void
  readonly closed: AbortSignal
}

/** Puts a lane in front of an open stream. */
export function createEventLane<Point extends string = string>(
  faults: Faults<Point>,
  clock: VirtualClock,
  { stream, response }: { readonly stream: EventStream; readonly response: ServerResponse },
): EventLane<Point> {
  const lane = createLane<string>(faults, clock, {
    send: (text) => stream.sendRaw(text),
    corrupt: corruptText,
    cut: (text, afterBytes = Math.floor(text.length / 2)) => {
      stream.sendRaw(text.slice(0, afterBytes))
      response.socket?.destroySoon()
    },
    close: () => stream.end(),
    reset: () => response.socket?.resetAndDestroy(),
    closed: stream.closed,
  })
  const sendRaw = (point: Point, text: string, facts?: Facts): void => void lane.push(point, text, facts)
  return {
    sendRaw,
    send: (point, data, facts) => sendRaw(point, `data: ${JSON.stringify(data)}\n\n`, facts),
    end: () => lane.finish(() => stream.end()),
    closed: stream.closed,
  }
}
