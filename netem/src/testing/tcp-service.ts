/**
 * A TCP service behind a link, and a client in front of it, for tests: what each side got, when, and how it ended.
 * The service does what the test says with each connection.
 */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { nowMs } from '../clock.ts'
import type { LinkAddress } from '../link/listener.ts'

export type TcpService = AsyncDisposable & {
  readonly address: LinkAddress
  readonly sockets: readonly Socket[]
}

/** @param serve is called with each connection; errors of the socket are its own affair. */
export async function openService(serve: (socket: Socket) => void): Promise<TcpService> {
  const sockets: Socket[] = []
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    serve(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    sockets,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

/** What came out of a socket. */
export type Seen = {
  readonly arrivals: readonly { readonly atMs: number; readonly bytes: Buffer }[]
  readonly byteCount: number
  /** `end`: a FIN; a code such as ECONNRESET: an error; undefined while it is open. */
  readonly ending: string | undefined
  readonly endedAtMs: number | undefined
  sha(): string
}

export type TcpClient = { readonly socket: Socket; readonly seen: Seen; readonly over: Promise<void> }

/** Connected, or ended by an error that `seen` tells. */
export async function connectClient(address: LinkAddress): Promise<TcpClient> {
  const socket = connect({ ...address, allowHalfOpen: true, noDelay: true })
  const { seen, over } = watch(socket)
  await Promise.race([once(socket, 'connect'), over]).catch(() => undefined)
  return { socket, seen, over }
}

/** Reads everything. @returns `over`, which resolves with the end of the stream or its error. */
export function watch(socket: Socket): { readonly seen: Seen; readonly over: Promise<void> } {
  const arrivals: { atMs: number; bytes: Buffer }[] = []
  const sha = createHash('sha256')
  const seen = {
    arrivals,
    byteCount: 0,
    ending: undefined as string | undefined,
    endedAtMs: undefined as number | undefined,
    sha: () => sha.copy().digest('hex'),
  }
  const over = new Promise<void>((resolve) => {
    const end = (how: string): void => {
      seen.ending ??= how
      seen.endedAtMs ??= nowMs()
      resolve()
    }
    socket.on('data', (bytes) => {
      arrivals.push({ atMs: nowMs(), bytes })
      sha.update(bytes)
      seen.byteCount += bytes.length
    })
    socket.on('end', () => end('end'))
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
    socket.on('close', () => end('close'))
  })
  return { seen, over }
}

export function shaOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Bytes that differ everywhere, so that any that are lost, doubled or moved show. */
export function patternOf(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let index = 0; index < length; index += 1) bytes[index] = (index * 2_654_435_761) >>> 13
  return bytes
}
