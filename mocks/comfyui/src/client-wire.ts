/** The wire of one WebSocket client: how its frames go out, and how the connection can be broken. */
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { corruptText, createLane, type Lane, type TwinContext } from '@squall/twin-kit'
import type { WebSocket } from 'ws'
import type { ComfyuiPoint } from './points.ts'

/** A frame on its way to a client. */
export type Frame =
  | { readonly kind: 'data'; readonly data: string | Buffer }
  | { readonly kind: 'pong'; readonly data: Buffer }

/** The lane of one client. */
export type ClientLane = Lane<Frame, ComfyuiPoint>

/** Puts fault points between the server and a client. `wire` is what the WebSocket runs on. */
export function createClientLane(
  { faults, clock }: Pick<TwinContext<ComfyuiPoint>, 'faults' | 'clock'>,
  socket: WebSocket,
  wire: Duplex,
): ClientLane {
  const closed = new AbortController()
  socket.once('close', () => closed.abort())
  return createLane<Frame>(faults, clock, {
    send: (frame) => write(socket, frame),
    corrupt: ({ kind, data }, random) =>
      kind === 'pong' || typeof data !== 'string'
        ? { kind, data: corruptBytes(Buffer.from(data), random) }
        : { kind, data: corruptText(data, random) },
    cut: ({ data }, afterBytes) => {
      const frame = wholeFrame(data)
      wire.write(frame.subarray(0, afterBytes ?? Math.floor(frame.length / 2)), () => wire.destroy())
    },
    // The real server never sends a close frame when it goes; with a code it is a proxy that closes.
    close: (code) => (code === undefined ? void wire.end() : socket.close(code)),
    reset: () => (wire as Socket).resetAndDestroy(),
    closed: closed.signal,
  })
}

/** Resolves when the frame is handed to the kernel, or when the socket has failed. */
function write(socket: WebSocket, { kind, data }: Frame): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => resolve()
    if (socket.readyState !== socket.OPEN) done()
    else if (kind === 'pong') socket.pong(data, false, done)
    else socket.send(data, done)
  })
}

function corruptBytes(bytes: Buffer, random: () => number): Buffer {
  const at = Math.floor(random() * bytes.length)
  if (bytes.length > 0) bytes[at] = (bytes[at] ?? 0) ^ 1
  return bytes
}

/** A server frame as RFC 6455 (5.2) writes it, because ws has no way to send a part of one. */
function wholeFrame(data: string | Buffer): Buffer {
  const payload = Buffer.from(data)
  const opcode = typeof data === 'string' ? 0x81 : 0x82
  if (payload.length < 126) return Buffer.concat([Buffer.from([opcode, payload.length]), payload])
  const head = Buffer.alloc(payload.length < 65_536 ? 4 : 10)
  head[0] = opcode
  if (head.length === 4) {
    head[1] = 126
    head.writeUInt16BE(payload.length, 2)
  } else {
    head[1] = 127
    head.writeBigUInt64BE(BigInt(payload.length), 2)
  }
  return Buffer.concat([head, payload])
}
