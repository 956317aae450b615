import { expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { testServer } from './test-server.ts'
import { openSocket } from './websocket.ts'

const options = { handshakeMsMax: 1_000, heartbeatMs: 20, silenceMsMax: 100, onText: () => {} }

test('a socket that is open and silent is taken down', async () => {
  await using server = await testServer(() => {})
  const sockets = new WebSocketServer({ server: server.server, autoPong: false })
  const socket = await openSocket({ ...options, url: server.url, signal: new AbortController().signal })
  expect(await socket.closed).toBe('silent for 100 ms')
  sockets.close()
})

test('a socket that answers pings stays, and says why it closed', async () => {
  await using server = await testServer(() => {})
  const sockets = new WebSocketServer({ server: server.server })
  let pings = 0
  sockets.on('connection', (peer) =>
    peer.on('ping', () => {
      pings += 1
      if (pings === 12) peer.close(1000) // twice the allowed silence later
    }),
  )
  const socket = await openSocket({ ...options, url: server.url, signal: new AbortController().signal })
  expect(await socket.closed).toBe('closed by the service (1000)')
})

test('nobody listening is "refused"', async () => {
  const gone = await testServer(() => {})
  await gone[Symbol.asyncDispose]()
  const opening = openSocket({ ...options, url: gone.url, signal: new AbortController().signal })
  await expect(opening).rejects.toMatchObject({ errorClass: 'refused' })
})

test('the signal closes it', async () => {
  await using server = await testServer(() => {})
  const sockets = new WebSocketServer({ server: server.server })
  const stop = new AbortController()
  const socket = await openSocket({ ...options, url: server.url, signal: stop.signal })
  stop.abort()
  expect(await socket.closed).toBe('the client stops')
  sockets.close()
})
