/** A WebSocket client made of bytes, for what a well-behaved library cannot send or does not show (golden 20). */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** What the server did. */
export type WireOutcome = { readonly head: string; readonly sent: string; readonly closed: boolean }

/** Handshake of this version with the given extensions, or none. */
export type WireOptions = {
  readonly extensions?: string
  readonly version?: number
  /** One more header line. */
  readonly header?: string
  readonly frames?: readonly Buffer[]
}

/** A masked frame with an all-zero mask. `first` is the first byte: flags and opcode. */
export function maskedFrame(first: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([Buffer.from([first, 0x80 | payload.length, 0, 0, 0, 0]), payload])
}

/** A close frame's payload. */
export function closePayload(code: number, reason = ''): Buffer {
  return Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)])
}

/** Connects and never reads again, so that what the server sends piles up. Destroy it to end the connection. */
export async function connectSilently(url: string, clientId: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.write(handshake(`${hostname}:${port}`, `/ws?clientId=${clientId}`, 'Sec-WebSocket-Version: 13'))
  socket.on('error', () => undefined)
  await once(socket, 'readable')
  return socket
}

function handshake(host: string, path: string, ...more: readonly string[]): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...more,
  ]
  return `${lines.join('\r\n')}\r\n\r\n`
}

/**
 * Connects, waits for the greeting, sends the frames and reports what came after it: in `sent` as hex, or the
 * greeting itself if nothing is sent. Ends when `enough` holds or the server closes.
 */
export async function talkOnWire(
  url: string,
  { extensions, version = 13, header, frames = [] }: WireOptions,
  enough: (sent: Buffer) => boolean,
): Promise<WireOutcome> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.write(
    handshake(
      `${hostname}:${port}`,
      '/ws?clientId=wire',
      `Sec-WebSocket-Version: ${version}`,
      ...(header === undefined ? [] : [header]),
      ...(extensions === undefined ? [] : [`Sec-WebSocket-Extensions: ${extensions}`]),
    ),
  )
  let received = Buffer.alloc(0)
  let greetingEnd = 0
  const done = Promise.withResolvers<boolean>()
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    const headEnd = received.indexOf('\r\n\r\n') + 4
    if (headEnd < 4 || received.length < headEnd + 2) return
    const greeting = headEnd + 2 + (received[headEnd + 1] ?? 0)
    if (received.length < greeting) return
    if (greetingEnd === 0) {
      greetingEnd = frames.length === 0 ? headEnd : greeting
      for (const frame of frames) socket.write(frame)
    }
    if (enough(received.subarray(greetingEnd))) done.resolve(false)
  })
  socket.on('error', () => undefined)
  socket.on('close', () => done.resolve(true))
  const closed = await done.promise
  socket.destroy()
  const head = received.toString('latin1', 0, received.indexOf('\r\n\r\n'))
  return { head, sent: received.toString('hex', greetingEnd), closed }
}
