/**
 * Puts a twin on a port. Shared by the command line (`runTwin`) and by in-process tests (`startTwin`).
 * Sockets are tracked because a stop must drop them all at once, upgraded ones included, without a goodbye:
 * that is how the real servers die.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { TwinError } from './errors.ts'
import type { Twin } from './twin.ts'

/** A bound server. */
export type Served = {
  readonly port: number
  /** Base address. An address that means "all" is shown as the loopback one. */
  readonly url: string
  /** Drops every socket and frees the port. Safe to call twice. */
  readonly close: () => Promise<void>
}

const keepAliveMsDefault = 5000

/** Listens on `host:port` (0 = any). Throws TwinError `port-in-use` or `cannot-listen`. */
export async function serve(twin: Twin, address: { host: string; port: number }): Promise<Served> {
  const server = createServer((request, response) => {
    void answer(twin, request, response)
  })
  // The real servers set no limits on slow requests; a fault that stalls a body must not be cut short by Node.
  server.requestTimeout = 0
  server.headersTimeout = 0
  server.keepAliveTimeout = twin.keepAliveMs ?? keepAliveMsDefault
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('upgrade', (request, socket, head) => {
    // A peer that resets before it is answered must not end the server.
    socket.on('error', () => socket.destroy())
    if (twin.upgrade === undefined) socket.destroy()
    else twin.upgrade(request, socket, head)
  })
  const { port, address: bound } = await listen(server, address)
  let stopped = false
  return {
    port,
    url: `http://${shownHost(bound)}:${port}`,
    close: () => {
      if (!stopped) twin.stop?.()
      stopped = true
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

async function answer(twin: Twin, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    await twin.handle(request, response)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    if (response.headersSent) response.destroy()
    else response.writeHead(500, { 'content-type': 'text/plain' }).end('Internal Server Error')
  }
}

function listen(server: Server, address: { host: string; port: number }): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const where = `${address.host}:${address.port}`
      reject(
        error.code === 'EADDRINUSE'
          ? new TwinError(
              'port-in-use',
              `Cannot listen on ${where}: the port is in use; choose another with --port`,
            )
          : new TwinError(
              'cannot-listen',
              `Cannot listen on ${where}: ${error.code}; check --host and --port`,
              {
                cause: error,
              },
            ),
      )
    })
    // The longest backlog the kernel allows: a burst of clients must not be refused by the mock.
    server.listen({ ...address, backlog: 4096 }, () => resolve(server.address() as AddressInfo))
  })
}

function shownHost(bound: string): string {
  if (bound === '0.0.0.0') return '127.0.0.1'
  if (bound === '::') return '[::1]'
  return bound.includes(':') ? `[${bound}]` : bound
}
