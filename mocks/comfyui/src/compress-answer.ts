/**
 * `--enable-compress-response-body`: JSON and texts go out compressed if the client takes gzip (golden 15). Of the
 * codings a client names, aiohttp prefers deflate [S: `enable_compression` in web_response.py]. Files are streamed and
 * stay as they are.
 */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { deflateSync, gzipSync } from 'node:zlib'

const compressedTypes = /^(application\/json|text\/plain)(;|$)/

type Head = { readonly status: number; readonly headers: OutgoingHttpHeaders }

/** Makes the answer compress itself where it is written with one `writeHead` and one `end`. */
export function compressAnswer(request: IncomingMessage, response: ServerResponse): void {
  const accepted = request.headers['accept-encoding'] ?? ''
  if (!accepted.includes('gzip')) return
  const isDeflate = accepted.includes('deflate')
  const writeHead = response.writeHead.bind(response)
  const write = response.write.bind(response) as (...parts: unknown[]) => boolean
  const end = response.end.bind(response) as (...parts: unknown[]) => ServerResponse
  let held: Head | undefined
  const release = (more: OutgoingHttpHeaders = {}): void => {
    if (held !== undefined) writeHead(held.status, { ...held.headers, ...more })
    held = undefined
  }
  response.writeHead = (status: number, headers: unknown = {}) => {
    held = { status, headers: headers as OutgoingHttpHeaders }
    return response
  }
  response.write = (...parts: unknown[]) => {
    release()
    return write(...parts)
  }
  response.end = (...parts: unknown[]) => {
    const [content] = parts
    const isText = compressedTypes.test(String(held?.headers['content-type']))
    if (!isText || !(typeof content === 'string' || content instanceof Uint8Array) || content.length === 0) {
      release()
      return end(...parts)
    }
    const bytes = (isDeflate ? deflateSync : gzipSync)(content)
    release({ 'content-encoding': isDeflate ? 'deflate' : 'gzip', 'content-length': bytes.length })
    return end(bytes)
  }
}
