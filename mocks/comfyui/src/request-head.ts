/**
 * What aiohttp does with the head of a request before any route sees it: its limits, and its answer to bytes that are
 * no request. All measured on aiohttp 3.14.3 (protocol page section 1 has the limit of a line). Knowingly different:
 * the complaint about garbage is Node's parser's, not llhttp's drawing of the place.
 */
import type { IncomingMessage } from 'node:http'

const lineBytesMax = 8190
const headersMax = 128

/** The complaint about a head that is too large; undefined if it is not. */
export function headComplaint({ url = '', rawHeaders }: IncomingMessage): string | undefined {
  if (url.length > lineBytesMax) return tooLong(`bytearray(${asBytes(url)})`)
  const long = rawHeaders.find((text) => text.length > lineBytesMax)
  if (long !== undefined) return tooLong(asBytes(long))
  if (rawHeaders.length > headersMax * 2) return 'Too many headers received'
  return undefined
}

/** HTTP/1.0, because the request that it answers does not exist; the connection ends after it. */
export function refusal(complaint: string): string {
  return [
    'HTTP/1.0 400 Bad Request',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(complaint)}`,
    `Date: ${new Date().toUTCString()}`,
    'Server: Python/3.11 aiohttp/3.14.3',
    '',
    complaint,
  ].join('\r\n')
}

/** A proxy's form of a request, `http://host/path`, is routed by its path. */
export function pathOf(url: string): string {
  return url.replace(/^https?:\/\/[^/?]*/i, '') || '/'
}

function tooLong(shown: string): string {
  return `Got more than ${lineBytesMax} bytes when reading: ${shown}.`
}

function asBytes(text: string): string {
  return `b'${text.slice(0, 100)}...'`
}
