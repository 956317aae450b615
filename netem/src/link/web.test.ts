/** What the services speak, through a link: HTTP with keep-alive, SSE and WebSocket, idle and harmed. */
import { once } from 'node:events'
import { Agent, createServer, get, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { nowMs, sleep, until } from '../clock.ts'
import { openLink } from './link.ts'

const budgetMs = 15_000

/** Answers `/`, streams `/events`, echoes over WebSocket. */
async function openWeb() {
  const http = createServer((request, response) => {
    if (request.url !== '/events') {
      response.end(`up on ${request.socket.remotePort}`)
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: first\n\n')
    response.write('data: second\n\n')
    response.end('data: [DONE]\n\n')
  })
  const sockets = new WebSocketServer({ server: http })
  sockets.on('connection', (socket) => {
    socket.on('error', () => undefined)
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const link = await openLink({ listen: { host: '127.0.0.1', port: 0 }, service: addressOf(http) })
  const { host, port } = link.address
  return {
    link,
    at: `${host}:${port}`,
    [Symbol.asyncDispose]: async () => {
      await link[Symbol.asyncDispose]()
      for (const socket of sockets.clients) socket.terminate()
      http.closeAllConnections()
      http.close()
    },
  }
}

function addressOf(server: Server) {
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
}

async function openSocket(at: string) {
  const socket = new WebSocket(`ws://${at}/ws`)
  await once(socket, 'open')
  return { socket, [Symbol.dispose]: () => socket.terminate() }
}

describe('an idle link', () => {
  test('carries WebSocket: text, large binary, pings and the closing handshake with its code', async () => {
    await using web = await openWeb()
    using open = await openSocket(web.at)
    const { socket } = open
    socket.send('hello')
    expect(String((await once(socket, 'message'))[0])).toBe('hello')
    const large = Buffer.alloc(3_000_000, 7)
    socket.send(large)
    expect(large.equals((await once(socket, 'message'))[0] as Buffer)).toBe(true)
    socket.ping()
    await once(socket, 'pong')
    socket.close(4001, 'enough')
    expect((await once(socket, 'close'))[0]).toBe(4001)
    await until('the link has let go', budgetMs, () => web.link.counts().open === 0)
  })

  test('carries SSE', async () => {
    await using web = await openWeb()
    const events = await (await fetch(`http://${web.at}/events`)).text()
    expect(events).toBe('data: first\n\ndata: second\n\ndata: [DONE]\n\n')
  })

  test('keeps a connection alive between requests', async () => {
    await using web = await openWeb()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let round = 0; round < 3; round += 1) {
      const [answer] = (await once(get(`http://${web.at}/`, { agent }), 'response')) as [IncomingMessage]
      await once(answer.resume(), 'end')
    }
    agent.destroy()
    expect(web.link.counts().connections).toBe(1)
  })
})

describe('a harmed link', () => {
  test('a stalled WebSocket is open and silent, and loses nothing', async () => {
    await using web = await openWeb()
    using open = await openSocket(web.at)
    const { socket } = open
    const harm = await web.link.harm({ stall: {}, connections: 'open' })
    const got: string[] = []
    socket.on('message', (data: Buffer) => got.push(data.toString()))
    for (const text of ['a', 'b', 'c']) socket.send(text)
    await sleep(200)
    expect([socket.readyState, got.length]).toEqual([WebSocket.OPEN, 0])
    // Others are served meanwhile.
    expect((await fetch(`http://${web.at}/`)).status).toBe(200)
    await harm.heal()
    await until('all are here', budgetMs, () => got.length === 3)
    expect(got).toEqual(['a', 'b', 'c'])
  })

  test('a reset WebSocket closes without a closing frame (1006)', async () => {
    await using web = await openWeb()
    using open = await openSocket(web.at)
    open.socket.on('error', () => undefined)
    const closed = once(open.socket, 'close')
    await web.link.harm({ reset: {} })
    expect((await closed)[0]).toBe(1006)
  })

  test('SSE that is cut ends in the middle of an event', async () => {
    await using web = await openWeb()
    await web.link.harm({ direction: 'down', cut: { afterBytes: 190 } })
    const answer = await fetch(`http://${web.at}/events`)
    await expect(answer.text()).rejects.toThrow('terminated')
  })

  test('a request takes the delay of both directions', async () => {
    await using web = await openWeb()
    await web.link.harm({ delay: { meanMs: 120 } })
    const beganMs = nowMs()
    expect((await fetch(`http://${web.at}/`)).status).toBe(200)
    expect(nowMs() - beganMs).toBeGreaterThan(238)
  })
})
