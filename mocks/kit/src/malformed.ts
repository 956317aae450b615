/**
 * What the parser refuses before there is a request to route: garbage, lies about lengths, endless headers. The real
 * servers answer with a status line of their own and close, or only close where nobody waits for an answer.
 */
import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/** The whole answer to bytes that are no request, from status line to body. `reason` is the parser's. */
export type MalformedAnswer = (reason: string) => string

/**
 * Longest head of a request. uvicorn gives up when 64 KiB are incomplete, but looks only after a read of up to
 * 256 KiB (measured, uvicorn 0.54 with h11 0.16: a head of 110 kB in one piece passes).
 */
export const headBytesMax = 256 * 1024

/** uvicorn's, which stands before three of the four twins (measured, uvicorn 0.54 with h11 0.16). */
export const uvicornMalformed: MalformedAnswer = () =>
  [
    'HTTP/1.1 400 Bad Request',
    'content-type: text/plain; charset=utf-8',
    'Connection: close',
    '',
    'Invalid HTTP request received.',
  ].join('\r\n')

/** Node's codes for a peer that has gone or half closed: the real servers say nothing then (measured). */
const nobodyWaits = new Set(['ECONNRESET', 'EPIPE', 'HPE_INVALID_EOF_STATE'])

/** Answers and closes. `unfinished` is the answer this connection was in the middle of, if any. */
export function refuseMalformed(
  socket: Duplex & { destroySoon?: () => void },
  { code = '', message }: NodeJS.ErrnoException,
  answer: MalformedAnswer,
  unfinished: ServerResponse | undefined,
): void {
  const isInsideAnswer = unfinished?.headersSent === true && !unfinished.writableFinished
  if (!socket.writable || nobodyWaits.has(code) || isInsideAnswer) socket.destroy()
  else endWith(socket, answer(message))
}

/** Sends the last bytes of a connection and lets go of it, whether or not the peer closes its side. */
export function endWith(socket: Duplex & { destroySoon?: () => void }, text: string): void {
  socket.end(text)
  socket.destroySoon?.()
}
