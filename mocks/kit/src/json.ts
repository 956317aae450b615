/** JSON answers. The text is written by `stringify`, so that a twin can spell JSON as its real server does. */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'

/** Sends one JSON answer with Content-Length. Default header: `content-type: application/json`. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: OutgoingHttpHeaders = {},
  stringify: (value: unknown) => string = JSON.stringify,
): void {
  const text = stringify(body)
  response
    .writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      ...headers,
    })
    .end(text)
}
