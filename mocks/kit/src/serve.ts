/**
 * Puts a twin on a port. Shared by the command line (`runTwin`) and by in-process tests (`startTwin`).
 * Sockets are tracked because a stop must drop them all at once, upgraded ones included, without a goodbye:
 * that is how the real servers die.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { BodyTooLarge } from './errors.ts'
import { createServer } from './http-server.ts'
import { listen, shownHost } from './listen.ts'
import { headBytesMax, refuseMalformed, uvicornMalformed } from './malformed.ts'
import type { Twin } from './twin.ts'

/** A bound server. */
export type Served = {
  readonly port: number
  /** Base address. An address that means "all" is shown as the loopback one. */
  readonly url: string
  /** Drops every socket; the port stays open. */
  readonly dropConnections: () => void
  /** Drops every socket and frees the port. Safe to call twice. */
  readonly close: () => Promise<void>
}

const keepAliveMsDefault = 5000

/**
 * Listens on `host:port` (0 = any). `twin` is asked anew for each request: a reset puts another in its place, and
 * while there is none, sockets are dropped. Throws TwinError `port-in-use` or `cannot-listen`.
 */
export async function serve(
  twin: () => Twin | undefined,
  address: { readonly host: string; readonly port: number },
): Promise<Served> {
  const answers = new WeakMap<Duplex, ServerResponse>()
  const server = createServer(
    {
      maxHeaderSize: headBytesMax,
      // Any other upgrade (h2c, which curl and Java ask for by themselves) is answered as if it were not there.
      shouldUpgradeCallback: (request) => takesUpgrade(twin(), request),
    },
    (request, response) => {
      answers.set(request.socket, response)
      const current = twin()
      if (current === undefined) response.destroy()
      else void answer(current, request, response)
    },
  )
  server.on('clientError', (error, socket) =>
    refuseMalformed(socket, error, twin()?.malformed ?? uvicornMalformed, answers.get(socket)),
  )
  // The real servers set no limits on slow requests; a fault that stalls a body must not be cut short by Node.
  server.requestTimeout = 0
  server.headersTimeout = 0
  server.keepAliveTimeout = twin()?.keepAliveMs ?? keepAliveMsDefault
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('upgrade', (request, socket, head) => {
    // A peer that resets before it is answered must not end the server.
    socket.on('error', () => socket.destroy())
    const upgrade = twin()?.upgrade
    if (upgrade === undefined) socket.destroy()
    else upgrade(request, socket, head)
  })
  const { port, address: bound } = await listen(server, address)
  const dropConnections = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port,
    url: `http://${shownHost(bound)}:${port}`,
    dropConnections,
    close: () => {
      dropConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function takesUpgrade(twin: Twin | undefined, request: IncomingMessage): boolean {
  if (twin?.upgrade === undefined || request.headers.upgrade?.toLowerCase() !== 'websocket') return false
  return twin.upgrades?.(request) ?? true
}

async function answer(twin: Twin, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    await twin.handle(request, response)
  } catch (error) {
    // A client that left in the middle of its body is no trouble of the twin's.
    if (request.destroyed && !request.complete) return
    if (error instanceof BodyTooLarge && !response.headersSent) {
      response.writeHead(413, { 'content-type': 'text/plain' }).end('Request Entity Too Large')
      return
    }
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    if (response.headersSent) response.destroy()
    else fail(response)
  }
}

/** The handler may have left headers that cannot be sent; whatever they are, the server must live. */
function fail(response: ServerResponse): void {
  try {
    for (const name of response.getHeaderNames()) response.removeHeader(name)
    response.writeHead(500, { 'content-type': 'text/plain' }).end('Internal Server Error')
  } catch {
    response.destroy()
  }
}
