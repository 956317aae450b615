/**
 * A proxy that lies: passes everything through, WebSockets too, and changes one thing. For tests that must see a
 * case fail: a contract that cannot fail says nothing.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** One lie about answers, their status, or the bytes of upgraded connections. */
export type Lie = {
  /** New body of an answer, or the same. Streams are asked piece by piece. */
  readonly answer?: (path: string, body: string) => string
  /** New status of an answer, or the same. */
  readonly status?: (path: string, status: number) => number
  /** Bytes from the server of an upgraded connection. Length must stay. */
  readonly socketBytes?: (bytes: Buffer) => Buffer
}

/** Stands in front of `url`. */
export async function startLiar(url: string, lie: Lie): Promise<AsyncDisposable & { readonly url: string }> {
  const { hostname, port } = new URL(url)
  const server = createServer((asked, answer) => {
    const passed = {
      hostname,
      port,
      method: asked.method,
      path: asked.url,
      headers: asked.headers,
      agent: false,
    }
    const sent = request(passed, (got) => void pass(asked, got, answer, lie))
    sent.on('error', () => answer.destroy())
    asked.pipe(sent)
  })
  server.on('upgrade', (asked, client, head) => {
    const behind = connect(Number(port), hostname)
    const lines = asked.rawHeaders.flatMap((name, index) =>
      // Without compression, so that the bytes of a frame can be changed.
      index % 2 === 0 && !/^sec-websocket-extensions$/i.test(name)
        ? [`${name}: ${asked.rawHeaders[index + 1]}`]
        : [],
    )
    behind.write(`GET ${asked.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
    behind.write(head)
    client.pipe(behind)
    behind.on('data', (bytes) => client.write(lie.socketBytes?.(bytes) ?? bytes))
    behind.on('close', () => client.destroy())
    client.on('close', () => behind.destroy())
    for (const side of [client, behind]) side.on('error', () => side.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      const closed = Promise.withResolvers<void>()
      server.close(() => closed.resolve())
      server.closeAllConnections()
      await closed.promise
    },
  }
}

async function pass(
  asked: IncomingMessage,
  got: IncomingMessage,
  answer: ServerResponse,
  lie: Lie,
): Promise<void> {
  const path = asked.url ?? '/'
  const status = lie.status?.(path, got.statusCode ?? 502) ?? got.statusCode ?? 502
  const isStream = got.headers['content-type']?.startsWith('text/event-stream') === true
  const { answer: change = (_path, body) => body } = lie
  if (isStream || lie.answer === undefined || asked.method === 'HEAD') {
    answer.writeHead(status, got.headers)
    answer.flushHeaders()
    got.on('error', () => answer.destroy())
    got.on('data', (chunk: Buffer) => {
      answer.write(isStream ? Buffer.from(change(path, chunk.toString('latin1')), 'latin1') : chunk)
    })
    got.on('end', () => answer.end())
    answer.on('close', () => got.destroy())
    return
  }
  const body = await buffer(got)
  const changed = change(path, body.toString('latin1'))
  const { 'content-length': _, ...headers } = got.headers
  answer.writeHead(status, headers).end(Buffer.from(changed, 'latin1'))
}
