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
import { type Facts, passUpgrade, stringifyPython, type TwinContext } from '@squall/twin-kit'
import { type WebSocket, WebSocketServer } from 'ws'
import { type ClientLane, createClientLane, type Frame } from './client-wire.ts'
import type { ComfyuiPoint, MessageName } from './points.ts'

/** Longest message taken from a client; beyond it the connection dies. */
const incomingBytesMax = 4 * 1024 * 1024

/**
 * What may pile up while one message waits for its reader. The real server has no such limit and grows until it is
 * killed; the twin ends the connection of that client then, and everybody else hears what has waited.
 */
const pilingBytesMax = 64 * 1024 * 1024

/** All connected clients. */
export type Sockets = {
  /** Queues a message for one client, or for all without `clientId`. An id that is not connected gets nothing. */
  readonly send: (type: string, data: unknown, clientId?: unknown) => void
  /** The same for a ready binary frame. */
  readonly sendBinary: (frame: Buffer, clientId?: unknown) => void
  /** Whether this client has negotiated previews with metadata. */
  readonly wantsMetadata: (clientId: unknown) => boolean
  /** Ids of the clients that are entered. */
  readonly clients: () => readonly string[]
  readonly upgrade: (request: IncomingMessage, wire: Duplex, head: Buffer) => Promise<void>
}

/** What the sockets ask of the server around them. */
export type Greeting = {
  /** Ends the whole process with this complaint. */
  readonly crash: (complaint: string) => void
  readonly queueRemaining: () => number
  /** What `feature_flags` are answered with. */
  readonly features: unknown
  /** Whether `feature_flags` are answered. */
  readonly negotiates: boolean
  /** Node the given client's prompt is executing right now. */
  readonly executingNode: (clientId: string) => string | undefined
}

/** Data of a `status` message. */
export function statusData(queueRemaining: number): { status: { exec_info: { queue_remaining: number } } } {
  return { status: { exec_info: { queue_remaining: queueRemaining } } }
}

/** A connected client. */
type Client = { readonly socket: WebSocket; readonly lane: ClientLane }

/** Builds the registry and its publisher. */
export function createSockets(context: TwinContext<ComfyuiPoint>, greeting: Greeting): Sockets {
  const registry = new Map<string, Client>()
  const wishes = new WeakMap<WebSocket, Readonly<Record<string, unknown>>>()
  const publish = createPublisher(context, registry, greeting.crash)
  const server = createServer()
  const welcome = (socket: WebSocket, wire: Duplex, clientId: string): void => {
    const lane = createClientLane(context, socket, wire)
    socket.on('close', () => {
      // By id, whoever holds it now: this is what makes a reconnected client deaf.
      registry.delete(clientId)
      context.journal('client-disconnected', { clientId })
    })
    // ws has sent its close frame, or will when what is being compressed is out, and ends the connection then.
    socket.on('error', () => undefined)
    answerPings(socket, lane, clientId)
    answerCloseWith1000(socket)
    const sendNow = (name: MessageName, type: string, data: unknown): void =>
      void lane.push(
        `comfyui.ws.${name}`,
        { kind: 'data', data: stringifyPython({ type, data }) },
        { clientId },
      )
    if (greeting.negotiates) {
      answerFeatureFlags(socket, (wish) => {
        // Decided at once: the answer must come before what the client is told next.
        if (context.faults.decide('comfyui.ws.negotiate', { clientId }) === undefined)
          wishes.set(socket, wish)
        sendNow('feature-flags', 'feature_flags', greeting.features)
      })
    }
    const isDeaf = context.faults.decide('comfyui.ws.register', { clientId }) !== undefined
    if (!isDeaf) registry.set(clientId, { socket, lane })
    context.journal('client-connected', { clientId })
    sendNow('hello', 'status', { ...statusData(greeting.queueRemaining()), sid: clientId })
    const node = greeting.executingNode(clientId)
    if (node !== undefined) sendNow('executing-hello', 'executing', { node })
  }
  return {
    send: (type, data, clientId) =>
      publish(
        { name: nameOf(type, data), data: () => stringifyPython({ type, data }), facts: factsOf(data) },
        clientId,
      ),
    sendBinary: (frame, clientId) =>
      publish(
        { name: frame.readUInt32BE(0) === 3 ? 'text' : 'preview', data: () => frame, facts: {} },
        clientId,
      ),
    wantsMetadata: (clientId) => {
      const client = typeof clientId === 'string' ? registry.get(clientId) : undefined
      return client !== undefined && wishes.get(client.socket)?.['supports_preview_metadata'] === true
    },
    clients: () => [...registry.keys()],
    upgrade: async (request, wire, head) => {
      const url = new URL(request.url ?? '/', 'http://twin')
      const clientId = url.searchParams.get('clientId') || randomUUID().replaceAll('-', '')
      const { faults, clock } = context
      const handshake = { request, socket: wire, facts: { clientId } }
      if (!(await passUpgrade(faults, clock, 'comfyui.ws.handshake', handshake))) return
      server.handleUpgrade(request, wire, head, (socket) => welcome(socket, wire, clientId))
    },
  }
}

/** The next frame is read when the pong is out: pings of a client that does not read must not pile up here. */
function answerPings(socket: WebSocket, lane: ClientLane, clientId: string): void {
  socket.on('ping', (data) => {
    const answered = lane.push('comfyui.ws.pong', { kind: 'pong', data }, { clientId })
    if (answered === undefined) return
    socket.pause()
    void answered.then(() => socket.resume())
  })
}

function createServer(): WebSocketServer {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: incomingBytesMax,
    // A pong passes a fault point like any other frame.
    autoPong: false,
    // aiohttp compresses every message once the extension is agreed on.
    perMessageDeflate: { threshold: 0 },
  })
  server.on('headers', (headers) => {
    headers.push(`Date: ${new Date().toUTCString()}`, 'Server: Python/3.11 aiohttp/3.14.3')
  })
  return server
}

/** The fault point of a message. */
function nameOf(type: string, data: unknown): MessageName {
  const isEnd = type === 'executing' && (data as { node?: unknown }).node === null
  return isEnd ? 'executing-null' : (type.replaceAll('_', '-') as MessageName)
}

function factsOf(data: unknown): Facts {
  const { prompt_id: promptId, node, node_id: nodeId, value } = data as Readonly<Record<string, unknown>>
  return { promptId, node: node ?? nodeId, value: Number(value) }
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

type Message = { readonly name: MessageName; readonly data: () => string | Buffer; readonly facts: Facts }
/** The write that the publisher waits for, and how much waited behind it when it began. */
type Writing = { readonly id: string; readonly socket: WebSocket; readonly waitingBytes: number }
type Publish = (message: Message, clientId: unknown) => void
type Ready = {
  readonly name: MessageName
  readonly facts: Facts
  readonly frame: Frame
  readonly clientId: unknown
}

/** Messages in order, one write at a time, whoever they are for. */
function createPublisher(
  { faults, journal }: TwinContext<ComfyuiPoint>,
  registry: ReadonlyMap<string, Client>,
  crash: Greeting['crash'],
): Publish {
  const waiting: (Ready | { readonly fatal: string })[] = []
  let publishing = false
  let waitingBytes = 0
  let writing: Writing | undefined
  const publishAll = async (): Promise<void> => {
    publishing = true
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      // What comes before it in the queue still reaches its clients.
      if ('fatal' in next) return crash(next.fatal)
      const { name, facts, frame, clientId } = next
      waitingBytes -= frame.data.length
      if (faults.covers('comfyui.ws.publisher')) {
        const outcome = await faults.step('comfyui.ws.publisher', { type: name, ...facts })
        if (outcome.kind === 'skip') continue
      }
      for (const [id, { lane, socket }] of targetsOf(registry, clientId)) {
        writing = { id, socket, waitingBytes }
        await lane.push(`comfyui.ws.${name}`, frame, { ...facts, clientId: id })
      }
    }
    publishing = false
    writing = undefined
  }
  const dropSlowReader = (): void => {
    if (writing === undefined || waitingBytes - writing.waitingBytes < pilingBytesMax) return
    const { id, socket } = writing
    writing = undefined
    journal('client-dropped', { clientId: id, waitingBytes })
    socket.terminate()
  }
  return ({ name, facts, data }, clientId) => {
    try {
      refuseUnhashable(clientId)
      const frame: Frame = { kind: 'data', data: data() }
      waiting.push({ name, facts, frame, clientId })
      waitingBytes += frame.data.length
      dropSlowReader()
    } catch (error) {
      waiting.push({ fatal: String(error) })
    }
    if (!publishing) void publishAll()
  }
}

/** One client, or all without an id. An id that is not connected gets nothing. */
function targetsOf(registry: ReadonlyMap<string, Client>, clientId: unknown): readonly [string, Client][] {
  if (clientId === undefined) return [...registry]
  const one = typeof clientId === 'string' ? registry.get(clientId) : undefined
  return one === undefined ? [] : [[clientId as string, one]]
}

/** A list or an object cannot be looked up in the registry, which ends the real publisher and the process. */
function refuseUnhashable(clientId: unknown): void {
  if (typeof clientId !== 'object') return
  throw new TypeError(`unhashable type: '${Array.isArray(clientId) ? 'list' : 'dict'}'`)
}
