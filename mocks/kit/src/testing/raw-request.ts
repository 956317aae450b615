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

/** After this long without a byte the server is taken to wait for more. */
const silenceMs = 300

/** Opens a socket to the server of `url`; errors after that are what a hostile client expects. */
export async function openRaw(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true })
  await once(socket, 'connect')
  socket.on('error', () => undefined)
  return socket
}

/** Writes everything, then listens until the server closes or falls silent. `thenEnd` closes our side after it. */
export async function sendRaw(
  url: string,
  bytes: string | Uint8Array,
  options: { readonly thenEnd?: boolean } = {},
): Promise<RawAnswer> {
  const socket = await openRaw(url)
  const received: Buffer[] = []
  const end = { closed: false }
  socket.on('data', (chunk: Buffer) => received.push(chunk))
  for (const event of ['end', 'close'] as const) socket.on(event, () => (end.closed = true))
  socket.write(bytes)
  if (options.thenEnd === true) socket.end()
  const clock = createClock(1)
  for (let seen = -1; !end.closed && seen !== received.length; ) {
    seen = received.length
    await Promise.race([once(socket, 'close').catch(() => undefined), clock.wait(silenceMs)])
  }
  socket.destroy()
  const text = Buffer.concat(received).toString('latin1')
  return { statusLines: text.match(/HTTP\/1\.[01] \d{3}/g) ?? [], text, closed: end.closed }
}

/** An answer in a word: `200 open`, `400 closed`, `closed` without an answer, `200 x100 open`. */
export function outcomeOf({ statusLines, closed }: RawAnswer): string {
  const codes = statusLines.map((line) => line.split(' ')[1] ?? '')
  const same = codes.length > 2 && new Set(codes).size === 1
  return [...(same ? [codes[0], `x${codes.length}`] : codes), closed ? 'closed' : 'open'].join(' ')
}
