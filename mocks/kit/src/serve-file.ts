/**
 * Sends a file with the usual conditional and range rules (RFC 9110): ETag, Last-Modified, If-None-Match,
 * If-Modified-Since, one byte range, HEAD. Missing: If-Range and several ranges (the whole file is sent).
 */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'

/**
 * Answers with the file at `path`. Resolves to false, with nothing sent, if there is no such file.
 * `headers` go on every answer; give `content-type` there.
 */
export async function serveFile(
  request: IncomingMessage,
  response: ServerResponse,
  options: { readonly path: string; readonly headers?: OutgoingHttpHeaders },
): Promise<boolean> {
  const found = await stat(options.path).catch(() => undefined)
  if (found === undefined || !found.isFile()) return false
  const etag = `"${Math.trunc(found.mtimeMs * 1e6).toString(16)}-${found.size.toString(16)}"`
  const validators = { etag, 'last-modified': found.mtime.toUTCString() }
  if (isUnchanged(request, etag, found.mtimeMs)) {
    response.writeHead(304, { ...validators, ...options.headers }).end()
    return true
  }
  const range = readRange(request.headers.range, found.size)
  if (range === 'unsatisfiable') {
    response
      .writeHead(416, { ...options.headers, 'content-range': `bytes */${found.size}`, 'content-length': 0 })
      .end()
    return true
  }
  const headers = { ...validators, 'accept-ranges': 'bytes', ...options.headers }
  const { start, end } = range ?? { start: 0, end: found.size - 1 }
  response.writeHead(range === undefined ? 200 : 206, {
    ...headers,
    'content-length': end - start + 1,
    ...(range === undefined ? {} : { 'content-range': `bytes ${start}-${end}/${found.size}` }),
  })
  if (request.method === 'HEAD' || found.size === 0) response.end()
  // A client that leaves in the middle is its own business, not an error of the twin.
  else await pipeline(createReadStream(options.path, { start, end }), response).catch(() => undefined)
  return true
}

function isUnchanged(request: IncomingMessage, etag: string, mtimeMs: number): boolean {
  const tags = request.headers['if-none-match']
  if (tags !== undefined)
    return tags === '*' || tags.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)
  const since = Date.parse(request.headers['if-modified-since'] ?? '')
  return Math.floor(mtimeMs / 1000) * 1000 <= since
}

function readRange(
  header: string | undefined,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (match === null || (match[1] === '' && match[2] === '')) return undefined
  const [first = '', last = ''] = match.slice(1)
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  return start > end ? 'unsatisfiable' : { start, end }
}
