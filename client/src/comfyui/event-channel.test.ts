import { expect, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { defaultLimits } from '../limits.ts'
import { backoff } from '../recovery/backoff.ts'
import { seededRandom } from '../transport/random.ts'
import { type TestServer, testServer } from '../transport/test-server.ts'
import { EventChannel } from './event-channel.ts'

const limits = {
  ...defaultLimits,
  reconnectMsFirst: 5,
  reconnectMsMax: 20,
  heartbeatMs: 20,
  silenceMsMax: 500,
}

/** A channel to a server that counts how many sockets of ours are open at once. */
function channelTo(server: TestServer, onSocket: (socket: WebSocket, nth: number) => void) {
  const seen = { states: [] as string[], missed: 0, lost: [] as string[], openMax: 0, texts: [] as string[] }
  let open = 0
  let nth = 0
  let wake = () => {}
  const sockets = new WebSocketServer({ server: server.server })
  sockets.on('connection', (socket) => {
    open += 1
    nth += 1
    seen.openMax = Math.max(seen.openMax, open)
    socket.on('close', () => (open -= 1))
    onSocket(socket, nth)
  })
  const channel = new EventChannel({
    url: server.url,
    limits,
    backoff: backoff({
      msFirst: limits.reconnectMsFirst,
      msMax: limits.reconnectMsMax,
      random: seededRandom(1),
    }),
    emit: (event) => {
      if (event.type === 'connection') seen.states.push(event.state)
      wake()
    },
    onText: (text) => {
      seen.texts.push(text)
      wake()
    },
    onReconnected: () => (seen.missed += 1),
    onLost: (reason) => seen.lost.push(reason),
  })
  channel.start()
  const until = async (reached: () => boolean) => {
    while (!reached()) await new Promise<void>((resolve) => (wake = resolve))
  }
  return { channel, seen, until }
}

test('comes back after every loss, one socket at a time, and tells that events were missed', async () => {
  await using server = await testServer(() => {})
  const { channel, seen, until } = channelTo(server, (socket, nth) => {
    if (nth <= 3) socket.terminate()
    else socket.send('hello')
  })
  await until(() => seen.texts.includes('hello'))
  expect(seen.states).toEqual(['connecting', 'connected', ...again, ...again, ...again])
  expect(seen).toMatchObject({ missed: 3, openMax: 1 })
  expect(seen.lost).toHaveLength(3)
  expect(channel.reconnects).toBe(3)
  await channel[Symbol.asyncDispose]()
  expect(seen.states.at(-1)).toBe('disconnected')
  expect(seen.lost).toHaveLength(3)
})

const again = ['disconnected', 'reconnecting', 'connected']

test('reopen closes the old socket before it opens the next', async () => {
  await using server = await testServer(() => {})
  const { channel, seen, until } = channelTo(server, (socket) => {
    let pings = 0
    socket.on('ping', () => {
      pings += 1
      if (pings === 3) socket.send('hello') // long enough open for a hasty second socket to be seen
    })
  })
  for (let round = 1; round <= 5; round++) {
    await until(() => seen.texts.length === round)
    channel.reopen('deaf')
  }
  await until(() => seen.texts.length === 6)
  expect(seen).toMatchObject({ openMax: 1, missed: 5, lost: Array.from({ length: 5 }, () => 'deaf') })
  await channel[Symbol.asyncDispose]()
})

test('keeps trying while nobody listens', async () => {
  const gone = await testServer(() => {})
  await gone[Symbol.asyncDispose]()
  const first = channelTo(gone, () => {})
  expect(await first.channel.opened(60, new AbortController().signal)).toBe(false)
  await using back = await testServer(() => {}, gone.port)
  const sockets = new WebSocketServer({ server: back.server })
  expect(await first.channel.opened(2_000, new AbortController().signal)).toBe(true)
  expect(first.seen.states).toEqual(['connecting', 'connected'])
  await first.channel[Symbol.asyncDispose]()
  sockets.close()
})
