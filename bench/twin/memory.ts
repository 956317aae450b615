/**
 * Memory per open connection: resident memory of the server after a collection, with the connections and without,
 * divided by their number. What the kernel holds for a socket is not in it.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { firstLine, programScript, type Server } from './server.ts'

export type Holding = { readonly name: string; readonly server: string; readonly request: string }

const upgrade = (extensions: string): string =>
  [
    'GET /ws?clientId=c# HTTP/1.1',
    'Host: twin',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${extensions}\r\n`,
  ].join('\r\n')

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: twin\r\n\r\n`

/** Connections that clients hold for as long as they live. Browsers and most libraries ask for compression. */
export const holdings: readonly Holding[] = [
  { name: 'comfyui WebSocket', server: 'comfyui', request: upgrade('') },
  {
    name: 'comfyui WebSocket, compressed',
    server: 'comfyui',
    request: upgrade('Sec-WebSocket-Extensions: permessage-deflate\r\n'),
  },
  { name: 'null WebSocket', server: 'null-ws', request: upgrade('') },
  { name: 'wan2gp event stream', server: 'wan2gp', request: get('/gradio_api/heartbeat/s#') },
  { name: 'null event stream', server: 'null-http', request: get('/stream') },
]

/** Bytes per connection. The first few hundred grow pools that stay, so they are opened once before. */
export async function measureMemory(server: Server, request: string, connections: number): Promise<number> {
  await hold(server, { request, connections: Math.min(connections, 500) }, () => Promise.resolve())
  const before = await server.settledBytes()
  const during = await hold(server, { request, connections }, () => server.settledBytes())
  return (during - before) / connections
}

async function hold<T>(
  server: Server,
  { request, connections }: { request: string; connections: number },
  look: () => Promise<T>,
): Promise<T> {
  const args = [programScript('hold'), server.url, String(connections), request]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  await firstLine(child)
  const seen = await look()
  const gone = once(child, 'exit')
  child.stdin.end()
  await gone
  return seen
}
