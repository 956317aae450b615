/** A WebSocket client that takes anything: it names what it gets instead of parsing it, and tells how it ended. */
import { type ClientOptions, WebSocket } from 'ws'

/** What a client has seen so far. */
export type RawClient = {
  readonly socket: WebSocket
  /** Message names as in the fault points: `executing`, `executing-null`, `preview`, `pong`, `broken-json`, ... */
  readonly names: readonly string[]
  /** `open` until the connection ends; then its close code, 1006 without a close frame. */
  readonly end: () => 'open' | number
  /** The status with which the handshake was refused. */
  readonly refused: () => number | undefined
}

/** Begins to connect; nothing is waited for, because the handshake may never come. */
export function openRawClient(url: string, clientId: string, options: ClientOptions = {}): RawClient {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws?clientId=${clientId}`, options)
  const names: string[] = []
  let end: 'open' | number = 'open'
  let refused: number | undefined
  socket.on('message', (data: Buffer, isBinary) =>
    names.push(isBinary ? binaryName(data) : textName(data.toString())),
  )
  socket.on('pong', () => names.push('pong'))
  socket.on('close', (code) => {
    end = code
  })
  socket.on('error', () => undefined)
  socket.on('unexpected-response', (request, response) => {
    refused = response.statusCode
    request.destroy()
  })
  return { socket, names, end: () => end, refused: () => refused }
}

function binaryName(data: Buffer): string {
  return data.readUInt32BE(0) === 3 ? 'text' : 'preview'
}

function textName(text: string): string {
  try {
    const { type, data } = JSON.parse(text) as { type: string; data: Readonly<Record<string, unknown>> }
    if (type === 'status' && 'sid' in data) return 'hello'
    if (type === 'executing' && data['node'] === null) return 'executing-null'
    if (type === 'executing' && !('prompt_id' in data)) return 'executing-hello'
    return type.replaceAll('_', '-')
  } catch {
    return 'broken-json'
  }
}
