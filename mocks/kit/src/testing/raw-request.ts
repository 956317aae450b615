/** A client made of bytes, for what no HTTP library would send: writes them and reports what came back. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createClock } from '../clock.ts'

export type RawAnswer = {
  /** Version and status of every response, in order. */
  readonly statusLines: readonly string[]
  readonly text: string
  /** Whether the server ended the connection. */
  readonly closed: boolean
}

/** After this long without another byte the server is taken to wait for more. */
const silenceMs = 300
/** A busy machine may need this long for the first byte. */
const firstByteMs = 5000

/** Opens a socket to the server of `url`; errors after that are what a hostile client expects. */
export async function openRaw(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true })
  await once(socket, 'connect')
  socket.on('error', () => undefined)
  return socket
}

export type RawOptions = {
  /** Our side closes after the last byte. */
  readonly thenEnd?: boolean
  /** Ends the listening early, at what was received so far. */
  readonly enough?: (received: Buffer) => boolean
}

/** Writes everything, then listens until the server closes or falls silent. */
export async function sendRaw(
  url: string,
  bytes: string | Uint8Array,
  { thenEnd = false, enough = () => false }: RawOptions = {},
): Promise<RawAnswer> {
  const socket = await openRaw(url)
  const received: Buffer[] = []
  const over = new AbortController()
  let closed = false
  socket.on('data', (chunk: Buffer) => {
    received.push(chunk)
    if (enough(Buffer.concat(received))) over.abort()
  })
  for (const event of ['end', 'close'] as const) {
    socket.on(event, () => {
      closed = true
      over.abort()
    })
  }
  socket.write(bytes)
  if (thenEnd) socket.end()
  await untilSilent(() => received.length, over.signal)
  socket.destroy()
  const text = Buffer.concat(received).toString('latin1')
  return { statusLines: text.match(/HTTP\/1\.[01] \d{3}/g) ?? [], text, closed }
}

async function untilSilent(received: () => number, ended: AbortSignal): Promise<void> {
  const clock = createClock(1)
  const wait = (ms: number): Promise<void> => clock.wait(ms, ended).catch(() => undefined)
  for (let waitedMs = 0; received() === 0 && waitedMs < firstByteMs; waitedMs += silenceMs) {
    if (ended.aborted) return
    await wait(silenceMs)
  }
  for (let seen = -1; seen !== received() && !ended.aborted; ) {
    seen = received()
    await wait(silenceMs)
  }
}

/** An answer in a word: `200 open`, `400 closed`, `closed` without an answer, `200 x100 open`. */
export function outcomeOf({ statusLines, closed }: RawAnswer): string {
  const codes = statusLines.map((line) => line.split(' ')[1] ?? '')
  const same = codes.length > 2 && new Set(codes).size === 1
  return [...(same ? [codes[0], `x${codes.length}`] : codes), closed ? 'closed' : 'open'].join(' ')
}
