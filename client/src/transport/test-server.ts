/** A real server on a free port for tests. Disposing drops every connection, as a killed program does. */
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export type TestServer = AsyncDisposable & {
  readonly url: string
  readonly port: number
  readonly server: Server
  /** TCP connections accepted so far. */
  connections(): number
}

/** `port` 0 = any; give the old one to play a restart. */
export async function testServer(handle: RequestListener, port = 0): Promise<TestServer> {
  let connections = 0
  const server = createServer(handle)
  const sockets = new Set<{ destroy(): void }>()
  server.on('connection', (socket) => {
    connections += 1
    sockets.add(socket)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    server,
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      if (!server.listening) return
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
