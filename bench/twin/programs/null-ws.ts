/**
 * The least a WebSocket server on ws can do: greets each client, and on a number from any of them sends that many
 * messages to all. The next message starts when the last client's copy of the one before is with the kernel.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'

const message = JSON.stringify({ type: 'status', data: { status: { exec_info: { queue_remaining: 1 } } } })

const http = createServer()
const sockets = new WebSocketServer({ server: http, perMessageDeflate: { threshold: 0 } })
sockets.on('connection', (socket) => {
  socket.send(message)
  socket.on('message', (count: Buffer) => void publish(Number(count)))
})

async function publish(count: number): Promise<void> {
  for (let sent = 0; sent < count; sent++) {
    const clients = [...sockets.clients]
    const { promise, resolve } = Promise.withResolvers<void>()
    for (const client of clients.slice(0, -1)) client.send(message)
    clients.at(-1)?.send(message, () => resolve())
    await promise
  }
}

http.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  const { port } = http.address() as AddressInfo
  process.stdout.write(`${JSON.stringify({ ready: true, url: `http://127.0.0.1:${port}` })}\n`)
})
