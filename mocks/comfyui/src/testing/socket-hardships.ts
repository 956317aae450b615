/** What the WebSocket side must survive: frames that are none, and clients that do not read. */
import { openRaw } from '@squall/twin-kit/testing/raw-request'
import type { TwinProcess } from '@squall/twin-kit/testing/twin-process'
import { expect, vi } from 'vitest'
import { talkOnWire } from '../conformance/raw-web-socket.ts'
import { hostileFrames, outcomeOf, question, rawFrame } from './hostile-frames.ts'
import { connect, type Frame, post, submit } from './observed-twin.ts'

export const socketHardships = [
  { name: 'frames that no honest client sends', run: sendHostileFrames },
  { name: 'a client that does not read while 200 MB are published', run: neverRead },
  { name: 'a client that pings and does not read', run: pingAndNeverRead },
  { name: 'two thousand sockets, opened and dropped', run: comeAndGo },
]

async function sendHostileFrames({ url }: TwinProcess): Promise<void> {
  const isEnough = (sent: Buffer): boolean => outcomeOf(sent) !== 'gone'
  for (const { name, frames, real, twin = real } of hostileFrames) {
    const bytes = Buffer.concat([...frames, question])
    const { sent } = await talkOnWire(url, { frames: [bytes] }, isEnough)
    expect(twin.split('|'), name).toContain(outcomeOf(Buffer.from(sent, 'hex')))
  }
}

/** Ten texts of 20 MB for a client that does not read: the twin lets go of it, and the others hear the rest. */
async function neverRead(twin: TwinProcess): Promise<void> {
  const { url } = twin
  const deaf = await connect(url, 'never-reads', { perMessageDeflate: false })
  const reader = await connect(url, 'reads')
  deaf.socket.pause()
  for (let number = 0; number < 10; number++) {
    const big = { class_type: 'TBigUi', inputs: { kib: 20_000, salt: number } }
    await submit(url, { '1': big }, 'never-reads')
  }
  const last = await submit(url, { '1': { class_type: 'PreviewAny', inputs: { source: 'end' } } }, 'reads')
  await reader.until(({ type, data }: Frame) => type === 'execution_success' && data['prompt_id'] === last)
  const dropped = twin.journal().find(({ event }) => event === 'client-dropped')
  expect(dropped).toMatchObject({ clientId: 'never-reads' })
  for (const { socket } of [deaf, reader]) socket.terminate()
  // History and cache hold the texts, as they do on the real server.
  await post(`${url}/history`, { clear: true })
  await post(`${url}/free`, { free_memory: true })
}

/** The twin stops reading a socket that takes no pongs, so the client's own writes stop. */
async function pingAndNeverRead(twin: TwinProcess): Promise<void> {
  const socket = await openRaw(twin.url)
  socket.pause()
  socket.write(handshake('pings'))
  const pings = Buffer.concat(
    Array.from({ length: 8000 }, () => rawFrame({ first: 0x89, payload: Buffer.alloc(125) })),
  )
  const before = await twin.settledBytes()
  for (let megabytes = 0; megabytes < 100; megabytes++) socket.write(pings)
  await vi.waitFor(() => expect(socket.writableLength).toBeGreaterThan(50 * pings.length), {
    timeout: 10_000,
  })
  const grown = (await twin.settledBytes()) - before
  socket.destroy()
  expect(grown).toBeLessThan(40 * 1024 * 1024)
}

async function comeAndGo({ url }: TwinProcess): Promise<void> {
  for (let round = 0; round < 20; round++) {
    const sockets = await Promise.all(
      Array.from({ length: 100 }, (_, index) => connect(url, `${round}-${index}`)),
    )
    for (const { socket } of sockets) socket.terminate()
  }
}

function handshake(clientId: string): string {
  return [
    `GET /ws?clientId=${clientId} HTTP/1.1`,
    'Host: twin',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    '\r\n',
  ].join('\r\n')
}
