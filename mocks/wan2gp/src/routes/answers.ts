/** Answers that several routes give: FastAPI's error shapes, and the public root as the caller sees it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendJson } from '@squall/twin-kit'

/** `{"detail": …}` with a status: what FastAPI makes of an HTTPException. */
export function sendDetail(response: ServerResponse, status: number, detail: unknown): void {
  sendJson(response, status, { detail })
}

/** A plain-text answer. */
export function sendText(response: ServerResponse, status: number, text: string, type = 'text/plain'): void {
  response
    .writeHead(status, {
      'content-type': `${type}; charset=utf-8`,
      'content-length': Buffer.byteLength(text),
    })
    .end(text)
}

/**
 * An exception nobody handled. The app runs with debug on, so the body is a plain-text traceback, not JSON. First and
 * last line are the real ones; of the 25 frames between, only the innermost is there.
 */
export function sendTraceback(
  response: ServerResponse,
  frame: { readonly file: string; readonly fn: string },
  exception: string,
): void {
  const lines = ['Traceback (most recent call last):', `  File "${frame.file}", in ${frame.fn}`, exception]
  sendText(response, 500, `${lines.join('\n')}\n`)
}

/** A query parameter that is required and missing. */
export function sendMissingQuery(response: ServerResponse, name: string): void {
  sendDetail(response, 422, [{ type: 'missing', loc: ['query', name], msg: 'Field required', input: null }])
}

/** Scheme and host as the client wrote them, without a slash at the end. */
export function rootOf(request: IncomingMessage): string {
  return `http://${request.headers.host ?? 'localhost'}`
}
