/**
 * The WebSocket side (golden 01, 04, 20): a registry keyed by client id and one publisher for everybody.
 *
 *   send() -> queue -> publisher -> await each write -> next message
 *
 * Two traps of the real server follow from building it the same way: a second socket with the same id loses its
 * entry when the first one ends (it stays open and never hears anything again), and one client that does not read
 * stops events for all. What the publisher cannot write ends the process (golden 14).
 * Knowingly different: an unmasked frame of a client is a protocol error here.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Journal, stringifyPython } from '@squall/twin-kit'
import { type WebSocket, WebSocketServer } from 'ws'
import { features } from './features.ts'

/** Longest message taken from a client; beyond it the connection dies. */
const incomingBytesMax = 4 * 1024 * 1024

/** All connected clients. */
export type Sockets = {
  /** Queues a message for one client, or for all without `clientId`. An id that is not connected gets nothing. */
  readonly send: (type: string, data: unknown, clientId?: unknown) => void
  /** The same for a ready binary frame. */
  readonly sendBinary: (frame: Buffer, clientId?: unknown) => void
  /** Whether this client has negotiated previews with metadata. */
  readonly wantsMetadata: (clientId: unknown) => boolean
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
}

/** What the sockets ask of the server around them. */
export type Greeting = {
  /** Ends the whole process with this complaint. */
  readonly crash: (complaint: string) => void
  readonly queueRemaining: () => number
  /** Whether `feature_flags` are answered. */
  readonly negotiates: boolean
  /** Node the given client's prompt is executing right now. */
  readonly executingNode: (clientId: string) => string | undefined
}

/** Data of a `status` message. */
export function statusData(queueRemaining: number): { status: { exec_info: { queue_remaining: number } } } {
  return { status: { exec_info: { queue_remaining: queueRemaining } } }
}

/** Builds the registry and its publisher. */
export function createSockets(journal: Journal, greeting: Greeting): Sockets {
  const registry = new Map<string, WebSocket>()
  const wishes = new WeakMap<WebSocket, Readonly<Record<string, unknown>>>()
  const publish = createPublisher(registry, greeting.crash)
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: incomingBytesMax,
    // aiohttp compresses every message once the extension is agreed on.
    perMessageDeflate: { threshold: 0 },
  })
  const welcome = (socket: WebSocket, clientId: string): void => {
    registry.set(clientId, socket)
    journal('client-connected', { clientId })
    socket.on('close', () => {
      // By id, whoever holds it now: this is what makes a reconnected client deaf.
      registry.delete(clientId)
      journal('client-disconnected', { clientId })
    })
    socket.on('error', () => socket.terminate())
    answerCloseWith1000(socket)
    const sendNow = (type: string, data: unknown): void =>
      socket.send(stringifyPython({ type, data }), () => undefined)
    sendNow('status', { ...statusData(greeting.queueRemaining()), sid: clientId })
    const node = greeting.executingNode(clientId)
    if (node !== undefined) sendNow('executing', { node })
    if (!greeting.negotiates) return
    answerFeatureFlags(socket, (wish) => {
      wishes.set(socket, wish)
      sendNow('feature_flags', features)
    })
  }
  return {
    send: (type, data, clientId) => publish(() => stringifyPython({ type, data }), clientId),
    sendBinary: (frame, clientId) => publish(() => frame, clientId),
    wantsMetadata: (clientId) => {
      const socket = typeof clientId === 'string' ? registry.get(clientId) : undefined
      return socket !== undefined && wishes.get(socket)?.['supports_preview_metadata'] === true
    },
    upgrade: (request, socket, head) => {
      const url = new URL(request.url ?? '/', 'http://twin')
      const clientId = url.searchParams.get('clientId') || randomUUID().replaceAll('-', '')
      server.handleUpgrade(request, socket, head, (webSocket) => welcome(webSocket, clientId))
    },
  }
}

/** Only the first message that is JSON can negotiate; anything else uses the chance up in silence. */
function answerFeatureFlags(
  socket: WebSocket,
  answer: (wish: Readonly<Record<string, unknown>>) => void,
): void {
  const first = (data: unknown, isBinary: boolean): void => {
    if (isBinary) return
    try {
      const message = JSON.parse(String(data)) as { type?: unknown; data?: Record<string, unknown> } | null
      socket.off('message', first)
      if (message?.type === 'feature_flags') answer(message.data ?? {})
    } catch {
      // Not JSON: the chance is still open (golden 01).
    }
  }
  socket.on('message', first)
}

/**
 * aiohttp answers every close frame with 1000, whatever the client's code (golden 20); ws would echo the code. It
 * calls `close` with code and reason (or nothing) for an answer, and with a code alone for a protocol error.
 */
function answerCloseWith1000(socket: WebSocket): void {
  const close = socket.close.bind(socket)
  socket.close = (code, reason) => close(code === undefined || reason !== undefined ? 1000 : code)
}

type Message = string | Buffer
type Publish = (message: () => Message, clientId: unknown) => void

function createPublisher(registry: ReadonlyMap<string, WebSocket>, crash: Greeting['crash']): Publish {
  const waiting: { readonly message: Message; readonly clientId: unknown; readonly fatal?: string }[] = []
  let publishing = false
  const publishAll = async (): Promise<void> => {
    publishing = true
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { message, clientId, fatal } = next
      // What comes before it in the queue still reaches its clients.
      if (fatal !== undefined) return crash(fatal)
      const one = typeof clientId === 'string' ? registry.get(clientId) : undefined
      const targets = clientId === undefined ? [...registry.values()] : one === undefined ? [] : [one]
      for (const target of targets) await write(target, message)
    }
    publishing = false
  }
  return (message, clientId) => {
    try {
      refuseUnhashable(clientId)
      waiting.push({ message: message(), clientId })
    } catch (error) {
      waiting.push({ message: '', clientId, fatal: String(error) })
    }
    if (!publishing) void publishAll()
  }
}

/** A list or an object cannot be looked up in the registry, which ends the real publisher and the process. */
function refuseUnhashable(clientId: unknown): void {
  if (typeof clientId !== 'object') return
  throw new TypeError(`unhashable type: '${Array.isArray(clientId) ? 'list' : 'dict'}'`)
}

/** Resolves when the frame is handed to the kernel, or when the socket has failed. */
function write(socket: WebSocket, message: Message): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState === socket.OPEN) socket.send(message, () => resolve())
    else resolve()
  })
}
