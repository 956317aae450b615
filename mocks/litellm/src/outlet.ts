/** The event stream to the client of the gateway: every message passes its fault point. */
import type { OutgoingHttpHeaders } from 'node:http'
import { createEventLane, drained, openEventStream, stringifyPython } from '@squall/twin-kit'
import type { Chunk } from './dialect.ts'
import type { Gateway } from './gateway.ts'
import type { LiteLlmPoint } from './points.ts'
import type { ProxyCall } from './proxy-call.ts'

const streamHeaders = {
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no',
  'content-type': 'text/event-stream; charset=utf-8',
}

export type Outlet = {
  send(kind: 'chunk' | 'finish' | 'usage', chunk: Chunk): void
  done(): void
  /** Tells of a failure inside the stream, in Python's spelling of JSON. */
  fail(failure: object): void
  end(): void
  /** Resolves when the client has read enough: the upstream is not read faster than the client reads. */
  flushed(): Promise<void>
}

/** Sends the headers. */
export function openOutlet(
  { context: { faults, clock } }: Gateway,
  { callId, body, response }: ProxyCall,
  headers: OutgoingHttpHeaders,
): Outlet {
  const stream = openEventStream(response, { ...headers, ...streamHeaders })
  const lane = createEventLane<LiteLlmPoint>(faults, clock, { stream, response })
  const facts = { callId, model: body['model'] }
  let index = 0
  return {
    send: (kind, chunk) => {
      const point = kind === 'chunk' && index === 0 ? 'first' : kind
      lane.send(`litellm.stream.${point}`, chunk, { ...facts, index })
      index += 1
    },
    done: () => lane.sendRaw('litellm.stream.done', 'data: [DONE]\n\n', { ...facts, index }),
    fail: (failure) => {
      const text = `data: ${stringifyPython(failure)}\n\n`
      lane.sendRaw('litellm.stream.error', text, { ...facts, index })
    },
    end: () => lane.end(),
    flushed: async () => await drained(response),
  }
}
