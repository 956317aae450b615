/** The WebSocket side: negotiation, the registry keyed by client id, one publisher for all. */
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { connect, type Frame, isEndOf, startComfyui, submit } from './testing/observed-twin.ts'
import { sd15Graph, smallGraph } from './testing/sd15-graph.ts'

test('the first frame carries the client id as sid; without one the server invents it', async () => {
  await using twin = await startComfyui()
  const named = await connect(twin.url, 'client-a')
  expect(named.frames).toEqual([
    { type: 'status', data: { status: { exec_info: { queue_remaining: 0 } }, sid: 'client-a' } },
  ])
  const unnamed = await connect(twin.url)
  expect(unnamed.frames[0]?.data['sid']).toMatch(/^[0-9a-f]{32}$/)
  expect(twin.journal.map(({ event }) => event)).toEqual(['client-connected', 'client-connected'])
})

test('only a first JSON message negotiates features; bad JSON does not use up the chance', async () => {
  await using twin = await startComfyui()
  const flags = JSON.stringify({ type: 'feature_flags', data: {} })
  const [negotiating, late] = [await connect(twin.url, 'a'), await connect(twin.url, 'b')]
  negotiating.socket.send('not json')
  negotiating.socket.send(flags)
  const answer = await negotiating.until(({ type }) => type === 'feature_flags')
  expect(answer.data).toMatchObject({ supports_preview_metadata: true, max_upload_size: 104857600 })
  late.socket.send(JSON.stringify({ type: 'hello' }))
  late.socket.send(flags)
  await late.until(isEndOf(await submit(twin.url, smallGraph(), 'b')))
  expect(late.frames.some(({ type }) => type === 'feature_flags')).toBe(false)
})

test('a client that connects in the middle is told the node, and nothing else of the past', async () => {
  await using twin = await startComfyui({ timeScale: 1 })
  const first = await connect(twin.url, 'client-a')
  await submit(twin.url, sd15Graph(), 'client-a')
  await first.until(({ type }) => type === 'executing')
  const second = await connect(twin.url, 'client-a')
  await second.until(({ type }) => type === 'executing')
  expect(second.frames[1]).toEqual({ type: 'executing', data: { node: '4' } })
  const stranger = await connect(twin.url, 'client-b')
  expect(stranger.frames).toHaveLength(1)
})

test('a second socket with the same id goes deaf when the first one ends', async () => {
  await using twin = await startComfyui()
  const first = await connect(twin.url, 'client-a')
  const second = await connect(twin.url, 'client-a')
  first.socket.close()
  await once(first.socket, 'close')
  await expect.poll(() => twin.journal.filter(({ event }) => event === 'client-disconnected').length).toBe(1)
  const witness = await connect(twin.url, 'client-b')
  const id = await submit(twin.url, smallGraph(), 'client-b')
  await witness.until(isEndOf(id))
  // Alive, because it answers a ping that was sent after everything else; deaf, because it heard no status.
  const pong = once(second.socket, 'pong')
  second.socket.ping()
  await pong
  expect(second.frames).toHaveLength(1)
})

test('one client that does not read stops events for everybody until it is gone', async () => {
  await using twin = await startComfyui()
  const slow = await connect(twin.url, 'slow', { perMessageDeflate: false })
  const reader = await connect(twin.url, 'reader')
  slow.socket.pause()
  // Texts of 16 MB in all: more than the sockets on both sides can hold.
  const noise = Array.from({ length: 40 }, (_, index) => ({
    class_type: 'PreviewAny',
    inputs: { source: 'x'.repeat(400_000 + index) },
  }))
  const id = await submit(twin.url, Object.fromEntries(noise.map((node, index) => [index + 1, node])), 'slow')
  await expect
    .poll(() => twin.journal.some(({ event, jobId }) => event === 'job-finished' && jobId === id), {
      timeout: 15_000,
    })
    .toBe(true)
  const isIdle = ({ data }: Frame) => JSON.stringify(data).includes('"queue_remaining":0') && !('sid' in data)
  // The pong comes after every frame that was sent before the ping.
  const pong = once(reader.socket, 'pong')
  reader.socket.ping()
  await pong
  expect(reader.frames.some(isIdle)).toBe(false)
  slow.socket.terminate()
  await reader.until(isIdle)
})

test('a foreign Origin on a loopback host is refused at the handshake', async () => {
  await using twin = await startComfyui()
  const answer = await fetch(`${twin.url}/queue`, { headers: { origin: 'http://evil.example' } })
  expect(answer.status).toBe(403)
  expect((await fetch(`${twin.url}/queue`, { headers: { origin: twin.url } })).status).toBe(200)
  expect((await fetch(`${twin.url}/ws`)).status).toBe(400)
})
