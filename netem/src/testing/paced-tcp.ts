/** Many TCP connections at once to the echo's sink, each sending at a pace of its own choice. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { sleep } from '../clock.ts'

export type PacedConnection = {
  readonly sentBytes: number
  /** As the sink says. */
  readonly gotBytes: number
  /** From the first byte until the sink had them all. */
  readonly tookMs: number
}

export type Pace = {
  readonly address: string
  readonly port: number
  readonly connections: number
  readonly bytesPerSecond: number
  readonly forMs: number
}

const tickMs = 50

export async function sendPaced(pace: Pace): Promise<PacedConnection[]> {
  return await Promise.all(Array.from({ length: pace.connections }, () => sendOne(pace)))
}

/** What is due by the clock, every tick; a connection that is held up catches up. */
async function sendOne({ address, port, bytesPerSecond, forMs }: Pace): Promise<PacedConnection> {
  const socket = connect({ host: address, port, allowHalfOpen: true })
  await once(socket, 'connect')
  let said = ''
  socket.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const total = Math.round((bytesPerSecond * forMs) / 1000)
  const beganMs = performance.now()
  for (let sent = 0; sent < total; ) {
    const elapsedMs = performance.now() - beganMs
    const due = Math.min(total, Math.round((bytesPerSecond * elapsedMs) / 1000))
    if (due > sent) socket.write(Buffer.alloc(due - sent, 0x5a))
    sent = due
    await sleep(tickMs)
  }
  const ended = once(socket, 'end')
  socket.end()
  await ended
  return { sentBytes: total, gotBytes: Number(said), tookMs: performance.now() - beganMs }
}
