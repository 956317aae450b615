/**
 * The least an HTTP server on node:http can do: the same short JSON for every request, and an event stream that says
 * one line. What a twin costs beyond this is the twin's.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const body = '{"exec_info": {"queue_remaining": 0}}'

const server = createServer((request, response) => {
  if (request.url === '/stream') {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: ALIVE\n\n')
    return
  }
  response
    .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    .end(body)
})
server.keepAliveTimeout = 0
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  const { port } = server.address() as AddressInfo
  process.stdout.write(`${JSON.stringify({ ready: true, url: `http://127.0.0.1:${port}` })}\n`)
})
