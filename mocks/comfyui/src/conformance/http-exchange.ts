/** One HTTP request as a client library would send it, over a connection of its own, and the whole answer. */
import { type OutgoingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'
import { text as readText } from 'node:stream/consumers'
import { gunzipSync, inflateSync } from 'node:zlib'

/** What came back. */
export type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** Sends it. Rejects if nobody listens or the connection breaks. */
export function exchange(
  baseUrl: string,
  options: {
    readonly method: string
    readonly path: string
    readonly headers: OutgoingHttpHeaders
    readonly body?: Buffer
  },
): Promise<Answer> {
  const { hostname, port } = new URL(baseUrl)
  const { body, ...rest } = options
  if (options.path.includes(' ')) return exchangeAsIs(baseUrl, options)
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': body.length }
    const headers = { host: `${hostname}:${port}`, ...length, ...rest.headers }
    const sent = request({ ...rest, hostname, port, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const pairs = Object.entries(response.headers).map(([name, value]) => [name, String(value)])
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(pairs) as Record<string, string>,
          body: decoded(Buffer.concat(chunks), response.headers['content-encoding']),
        })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Node refuses to send a path with a bare space, so that such a request is written by hand. */
async function exchangeAsIs(
  baseUrl: string,
  { method, path }: { readonly method: string; readonly path: string },
): Promise<Answer> {
  const { hostname, port } = new URL(baseUrl)
  const socket = connect(Number(port), hostname)
  socket.end(`${method} ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: close\r\n\r\n`)
  const [head = '', text = ''] = (await readText(socket)).split('\r\n\r\n')
  const [statusLine = '', ...lines] = head.split('\r\n')
  const pairs = lines.map((line): [string, string] => {
    const colon = line.indexOf(': ')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)]
  })
  return {
    status: Number(statusLine.split(' ')[1]),
    headers: Object.fromEntries(pairs),
    body: Buffer.from(text),
  }
}

function decoded(body: Buffer, coding: string | undefined): Buffer {
  if (coding === 'gzip') return gunzipSync(body)
  return coding === 'deflate' ? inflateSync(body) : body
}
