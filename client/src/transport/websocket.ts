/**
 * One WebSocket, from opening to closed, with a heartbeat. Reconnecting is the owner's business.
 * An open socket proves nothing (a peer behind a dead link sends no FIN), so the client pings and a socket that says
 * nothing at all, not even a pong, is taken down.
 */
import WebSocket, { type RawData } from 'ws'
import { ClientError } from '../errors.ts'
import { every, now } from './clock.ts'

export type SocketOptions = {
  readonly url: string
  /** Opening handshake, ms. */
  readonly handshakeMsMax: number
  readonly heartbeatMs: number
  readonly silenceMsMax: number
  /** Text frames. Binary frames (previews) are dropped: they are no results. */
  readonly onText: (text: string) => void
  readonly signal: AbortSignal
}

export type LiveSocket = {
  /** Resolves with the reason once the socket is closed on this side, whoever began. Never rejects. */
  readonly closed: Promise<string>
  /** Closes without a handshake; `closed` follows. */
  terminate(reason: string): void
}

/** @throws ClientError `refused` or `network` if the socket did not open. */
export function openSocket(options: SocketOptions): Promise<LiveSocket> {
  const socket = new WebSocket(options.url, { handshakeTimeout: options.handshakeMsMax })
  const { promise: closed, resolve: resolveClosed } = Promise.withResolvers<string>()
  let reason: string | undefined
  let heardAt = now()
  const terminate = (why: string) => {
    reason ??= why
    socket.terminate()
  }
  const heard = () => {
    heardAt = now()
  }
  const stop = () => terminate('the client stops')
  const beat = () => {
    if (now() - heardAt > options.silenceMsMax) terminate(`silent for ${options.silenceMsMax} ms`)
    else if (socket.readyState === WebSocket.OPEN) socket.ping()
  }
  options.signal.addEventListener('abort', stop, { once: true })
  const heartbeat = every(options.heartbeatMs, beat)
  socket.on('pong', heard)
  socket.on('message', (data: RawData, isBinary: boolean) => {
    heard()
    if (!isBinary) options.onText(textOf(data))
  })
  return new Promise((resolve, reject) => {
    socket.on('open', () => {
      heard()
      resolve({ closed, terminate })
    })
    socket.on('error', (error: Error & { code?: string }) => {
      reason ??= error.code ?? 'broken'
      reject(openingFailed(error)) // no effect once it is open
    })
    socket.on('close', (code: number) => {
      heartbeat[Symbol.dispose]()
      options.signal.removeEventListener('abort', stop)
      const why = reason ?? `closed by the service (${code})`
      reject(new ClientError({ errorClass: 'network', code: 'socket-closed', message: openMessage(why) }))
      resolveClosed(why)
    })
    if (options.signal.aborted) stop()
  })
}

function openingFailed(error: Error & { code?: string }): ClientError {
  const refused = error.code === 'ECONNREFUSED'
  const message = openMessage(error.code ?? 'the handshake was refused')
  return new ClientError({
    errorClass: refused ? 'refused' : 'network',
    code: refused ? 'connection-refused' : 'socket-not-opened',
    message,
  })
}

function openMessage(why: string): string {
  return `Cannot open the event socket: ${why}; is the service up?`
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8')
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8')
}
