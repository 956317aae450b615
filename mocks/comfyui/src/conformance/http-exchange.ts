/** One HTTP request as a client library would send it, over a connection of its own, and the whole answer. */
import { type OutgoingHttpHeaders, request } from 'node:http'

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
          body: Buffer.concat(chunks),
        })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
