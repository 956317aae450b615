/**
 * `GET /gradio_api/file=<path>`: files of the cache and of `outputs/`. Two different programs answer ranges on a 5.29
 * server, and both are here, quirks included (measured on 5.29.0 with Starlette 0.46):
 * - `bytes=<a>-<b>` is Gradio's own. Its headers begin as a copy of the *request's*, so those are echoed; it never
 *   says 416, and it has neither ETag nor Accept-Ranges. It takes the size for the last byte: a range that reaches the
 *   end of the file by more than its last byte, and `bytes=0-0`, is announced one byte too long, and **the answer never
 *   ends**;
 * - everything else is Starlette's: `bytes=<a>-`, `bytes=-<n>`, 416 and 400. If-None-Match is not looked at.
 * Missing: several ranges in one request (Starlette answers multipart; here the whole file comes).
 */
import { createHash } from 'node:crypto'
import { createReadStream, type Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { basename, extname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Server } from '../server.ts'
import { sendDetail, sendText } from './answers.ts'

const mediaTypes: Readonly<Record<string, string>> = {
  '.mp4': 'video/mp4',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.wav': 'audio/x-wav',
  '.txt': 'text/plain',
  '.html': 'text/html',
  '.json': 'application/json',
  '.zip': 'application/zip',
}

/** Types that no browser runs as a script: shown in place wherever they lie. The others only from `outputs/`. */
const safeTypes = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'video/mp4', 'audio/x-wav'])

/** The path behind `file=` (slashes and all), or undefined if the request is for something else. */
export function filePathOf(request: IncomingMessage): string | undefined {
  const [path = ''] = (request.url ?? '').split('?')
  const found = /^\/gradio_api\/file[=/](.*)$/.exec(path)?.[1]
  if (found === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) return undefined
  try {
    return decodeURIComponent(found)
  } catch {
    return found
  }
}

/** Send a file with Range and HEAD, send a URL on to itself, refuse everything else with 403. */
export async function sendFile(
  server: Server,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  if (/^https?:\/\//.test(path)) {
    response.writeHead(302, { location: encodeURI(path), 'content-length': 0 }).end()
    return
  }
  const allowed = server.studio.outputs.allowed(path)
  const found = allowed === undefined ? undefined : await stat(allowed.path).catch(() => undefined)
  if (allowed === undefined || found?.isFile() !== true) {
    sendDetail(response, 403, `File not allowed: ${path}.`)
    return
  }
  const type = mediaTypes[extname(allowed.path).toLowerCase()]
  const isInline = allowed.isOutput || (type !== undefined && safeTypes.has(type))
  const file: File = {
    path: allowed.path,
    stats: found,
    type: isInline ? (type ?? 'application/octet-stream') : 'application/octet-stream',
    disposition: isInline ? 'inline' : 'attachment',
  }
  const closed = /^bytes=(\d+)-(\d+)$/.exec((request.headers.range ?? '').trim())
  if (closed === null) await sendAsStarlette(request, response, file)
  else await sendAsGradio(request, response, file, { from: Number(closed[1]), to: Number(closed[2]) })
}

type File = {
  readonly path: string
  readonly stats: Stats
  readonly type: string
  readonly disposition: 'inline' | 'attachment'
}
type Part = { readonly start: number; readonly end: number }

async function sendAsGradio(
  request: IncomingMessage,
  response: ServerResponse,
  { path, stats, type, disposition }: File,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<void> {
  // `OpenRange.clamp(0, size)`: a zero at the end counts as none, and a range that is the wrong way round is turned.
  const limit = to === 0 ? stats.size : Math.min(to, stats.size)
  const start = Math.min(from, limit)
  const end = Math.max(start, limit)
  await sendBytes(request, response, path, {
    status: 206,
    part: { start, end: Math.min(end, stats.size - 1) },
    missingBytes: end < stats.size ? 0 : 1,
    headers: {
      ...echoed(request),
      'content-disposition': disposition,
      'content-type': type,
      'content-range': `bytes ${start}-${end}/${stats.size}`,
    },
  })
}

/** Request headers as answer headers, but for those that would change how the answer is framed. */
function echoed({ headers }: IncomingMessage): OutgoingHttpHeaders {
  const { 'transfer-encoding': _encoding, 'content-length': _length, connection: _kept, ...others } = headers
  return others
}

async function sendAsStarlette(
  request: IncomingMessage,
  response: ServerResponse,
  { path, stats, type, disposition }: File,
): Promise<void> {
  const { size } = stats
  const range = readRange(request.headers.range, size)
  if (range.kind === 'malformed') return sendText(response, 400, range.text)
  if (range.kind === 'unsatisfiable') {
    const headers = { 'content-range': `*/${size}`, 'content-type': 'text/plain; charset=utf-8' }
    response.writeHead(416, { ...headers, 'content-length': 0 }).end()
    return
  }
  const { start, end } = range.kind === 'part' ? range : { start: 0, end: size - 1 }
  await sendBytes(request, response, path, {
    status: range.kind === 'part' ? 206 : 200,
    part: { start, end },
    headers: {
      'accept-ranges': 'bytes',
      'content-type': type.startsWith('text/') ? `${type}; charset=utf-8` : type,
      'content-disposition': `${disposition}; ${shownName(basename(path))}`,
      'last-modified': stats.mtime.toUTCString(),
      etag: `"${createHash('md5')
        .update(`${stats.mtimeMs / 1000}-${size}`)
        .digest('hex')}"`,
      ...(range.kind === 'part' ? { 'content-range': `bytes ${start}-${end}/${size}` } : {}),
    },
  })
}

/** Names with anything but plain letters are given percent-encoded. */
function shownName(name: string): string {
  const encoded = encodeURIComponent(name).replace(
    /['()*!]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return encoded === name ? `filename="${name}"` : `filename*=utf-8''${encoded}`
}

type Range =
  | { readonly kind: 'whole' }
  | ({ readonly kind: 'part' } & Part)
  | { readonly kind: 'unsatisfiable' }
  | { readonly kind: 'malformed'; readonly text: string }

/** `FileResponse._parse_range_header`, for one range. */
function readRange(header: string | undefined, size: number): Range {
  if (header === undefined) return { kind: 'whole' }
  const [units, text] = header.split('=', 2)
  if (text === undefined) return { kind: 'malformed', text: 'Malformed range header.' }
  if (units?.trim().toLowerCase() !== 'bytes') return { kind: 'malformed', text: 'Only support bytes range' }
  const ranges = [...text.matchAll(/(\d*)-(\d*)/g)].filter(([whole]) => whole !== '-')
  const [first] = ranges
  if (first === undefined) return { kind: 'malformed', text: 'Range header: range must be requested' }
  if (ranges.length > 1) return { kind: 'whole' }
  const [, from = '', to = ''] = first
  const start = from === '' ? size - Number(to) : Number(from)
  const end = from !== '' && to !== '' && Number(to) < size ? Number(to) : size - 1
  if (start < 0 || start >= size) return { kind: 'unsatisfiable' }
  if (start > end + 1) return { kind: 'malformed', text: 'Range header: start must be less than end' }
  return { kind: 'part', start, end }
}

type Sending = {
  readonly status: number
  readonly part: Part
  /** Bytes that are announced and never come; the answer then has no end. */
  readonly missingBytes?: number
  readonly headers: OutgoingHttpHeaders
}

async function sendBytes(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  { status, part, missingBytes = 0, headers }: Sending,
): Promise<void> {
  const length = Math.max(0, part.end - part.start + 1)
  response.writeHead(status, { ...headers, 'content-length': length + missingBytes })
  const hasEnd = missingBytes === 0
  if (request.method === 'HEAD' || (length === 0 && hasEnd)) response.end()
  else if (length === 0) response.flushHeaders()
  // A client that leaves in the middle is its own business, not an error of the twin.
  else await pipeline(createReadStream(path, part), response, { end: hasEnd }).catch(() => undefined)
}
