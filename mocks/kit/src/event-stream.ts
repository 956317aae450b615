/** Server-sent events. Only the framing; names, ids and pings differ per real server and are sent raw. */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'

/** An open stream. Sending after the client left is silently ignored, as a real server's write would be. */
export type EventStream = {
  /** Sends `data: <JSON>` and a blank line. */
  send(data: unknown): void
  /** Sends text as it is; the caller writes the line ends. */
  sendRaw(text: string): void
  end(): void
  /** Aborts when the socket is gone, whoever ended it. */
  readonly closed: AbortSignal
}

/** Sends the headers at once and opens the stream. Default headers: event-stream, no cache. */
export function openEventStream(response: ServerResponse, headers: OutgoingHttpHeaders = {}): EventStream {
  const closing = new AbortController()
  response.on('close', () => closing.abort())
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache',
    ...headers,
  })
  response.flushHeaders()
  const sendRaw = (text: string): void => {
    if (!response.writableEnded && !response.destroyed) response.write(text)
  }
  return {
    send: (data) => sendRaw(`data: ${JSON.stringify(data)}\n\n`),
    sendRaw,
    end: () => void response.end(),
    closed: closing.signal,
  }
}
