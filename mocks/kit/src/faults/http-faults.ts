/**
 * Faults of HTTP edges. A request fault strikes before the handler runs, an answer fault when the handler begins to
 * answer: its work is done then, and only the client is kept from knowing.
 *
 *   handler -> writeHead/write/end -> held, replaced, damaged, or passed on -> socket
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { VirtualClock } from '../clock.ts'
import type { Facts } from './entry.ts'
import { type Action, isOfBody } from './fault.ts'
import { type Applied, aborted, type Faults } from './faults.ts'

/** The point names of one HTTP edge, `<twin>.http.<edge>` and `<twin>.answer.<edge>`. */
export type EdgeNames = { readonly request: string; readonly answer: string }

/** Derives the answer's name from the request's. */
export function edgeNames(request: string): EdgeNames {
  return { request, answer: request.replace('.http.', '.answer.') }
}

/** Passes a request. Resolves to false if it is not to be handled any more: it was answered, or nobody is left. */
export async function passRequest(
  faults: Faults,
  clock: VirtualClock,
  point: string,
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
): Promise<boolean> {
  const hit = faults.decide(point, factsOf(request))
  if (hit === undefined) return true
  const gone = goneSignal(response)
  const { action } = hit
  if (action.kind === 'status') {
    request.resume()
    answerWith(response, action)
    return false
  }
  // The socket tells first: a reset of the twin destroys it a tick before the response knows.
  return (
    (await passConnection(hit, clock, request.socket, gone)) &&
    !response.destroyed &&
    !request.socket.destroyed
  )
}

/** Passes a handshake, where there is no response object yet. */
export async function passUpgrade(
  faults: Faults,
  clock: VirtualClock,
  point: string,
  {
    request,
    socket,
    facts,
  }: { readonly request: IncomingMessage; readonly socket: Duplex; readonly facts: Facts },
): Promise<boolean> {
  const hit = faults.decide(point, { ...factsOf(request), ...facts })
  if (hit === undefined) return true
  const { action } = hit
  if (action.kind === 'status') {
    const body = bodyOf(action.body)
    const headers = Object.entries(action.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`)
    const head = `HTTP/1.1 ${action.status} Fault\r\nConnection: close\r\nContent-Length: ${body.length}\r\n`
    socket.end(Buffer.concat([Buffer.from(`${head}${headers.join('')}\r\n`), body]))
    return false
  }
  return (await passConnection(hit, clock, request.socket, goneSignal(socket))) && !socket.destroyed
}

/** What request and handshake have in common. */
async function passConnection(
  { action, healed }: Applied,
  clock: VirtualClock,
  socket: Socket,
  gone: AbortSignal,
): Promise<boolean> {
  if (action.kind === 'delay') await clock.waitReal(action.ms, gone, healed).catch(() => undefined)
  if (action.kind === 'stall') await aborted(healed, gone)
  if (action.kind === 'close') socket.destroySoon()
  if (action.kind === 'reset') socket.resetAndDestroy()
  return action.kind === 'delay' || action.kind === 'stall'
}

const noted = new WeakMap<ServerResponse, Facts>()

/** Tells what an answer is about, for example the prompt id that a handler has just made up. */
export function noteFacts(response: ServerResponse, facts: Facts): void {
  noted.set(response, { ...noted.get(response), ...facts })
}

type Output = 'writeHead' | 'write' | 'end' | 'flushHeaders'
type HeldCall = { readonly method: Output; readonly given: readonly unknown[] }
const outputs: readonly Output[] = ['writeHead', 'write', 'end', 'flushHeaders']

/** Watches an answer from its first byte on. Call before the handler; costs nothing while the point is not covered. */
export function watchAnswer(
  faults: Faults,
  clock: VirtualClock,
  point: string,
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
): void {
  if (!faults.covers(point)) return
  intercept(response, (first) => {
    const isHead = request.method === 'HEAD'
    const facts = { ...factsOf(request), ...noted.get(response) }
    const hit = faults.decide(point, facts, (action) => !(isHead && isOfBody(action)))
    release(response)
    if (hit === undefined) replay(response, [first])
    else strike({ response, socket: request.socket }, hit, clock, first)
  })
}

/** Does what `hit` says with the answer, whose first call of an output method is `first`. */
function strike(
  { response, socket }: { readonly response: ServerResponse; readonly socket: Socket },
  hit: Applied,
  clock: VirtualClock,
  first: HeldCall,
): void {
  const { action, healed, random } = hit
  if (action.kind === 'status') answerWith(response, action)
  // The request's socket: a response that waits behind another one has none yet.
  if (action.kind === 'close') socket.destroySoon()
  if (action.kind === 'reset') socket.resetAndDestroy()
  const isHeld = action.kind === 'delay' || (action.kind === 'stall' && (action.afterBytes ?? 0) === 0)
  if (isHeld) {
    const waiting = action.kind === 'delay' ? clock.waitReal(action.ms, undefined, healed) : aborted(healed)
    hold(response, waiting, [first])
  } else if (action.kind === 'cut' || action.kind === 'stall') {
    limitBody(response, action, { healed, announced: announcedBytes(response, first) })
    replay(response, [first])
  } else if (action.kind === 'corrupt') {
    corruptBody(response, random)
    replay(response, [first])
  } else intercept(response, () => undefined)
}

/** How much of an answer is held before its writer is asked to wait, as a socket's buffer would. */
const heldBytesMax = 1 << 20

/** Keeps all output until `waiting` is over, then sends it in order. */
function hold(response: ServerResponse, waiting: Promise<void>, calls: HeldCall[]): void {
  const gone = goneSignal(response)
  let heldBytes = 0
  intercept(response, (call) => {
    if (!gone.aborted) calls.push(call)
    heldBytes += byteLengthOf(call.given[0])
    return heldBytes < heldBytesMax
  })
  // What is held for a client that has left is let go at once.
  gone.addEventListener('abort', () => calls.splice(0))
  void waiting.then(() => {
    if (gone.aborted || response.socket?.destroyed === true) return
    release(response)
    replay(response, calls)
    // A writer that was asked to wait is told to go on; if the socket is full now, the socket tells it later.
    if (heldBytes >= heldBytesMax && !response.writableNeedDrain) response.emit('drain')
  })
}

function byteLengthOf(chunk: unknown): number {
  return typeof chunk === 'string' || chunk instanceof Uint8Array ? chunk.length : 0
}

/** Lets `afterBytes` of the body through (half of what is announced by default), then cuts or stalls. */
function limitBody(
  response: ServerResponse,
  action: Extract<Action, { kind: 'cut' | 'stall' }>,
  { healed, announced }: { readonly healed: AbortSignal; readonly announced: number | undefined },
): void {
  let left = action.afterBytes
  const broken = (): void => response.socket?.destroySoon()
  const take: TakeChunk = (chunk, send) => {
    left ??= Math.floor((announced ?? chunk.length) / 2)
    const part = chunk.subarray(0, left)
    left -= part.length
    if (part.length === chunk.length && left > 0) return send(chunk)
    release(response)
    if (action.kind === 'cut') {
      // The part must reach the wire, so the end of the connection follows it.
      send(part, broken)
      intercept(response, () => undefined)
    } else {
      send(part)
      const rest = chunk.subarray(part.length)
      hold(response, aborted(healed), [{ method: 'write', given: [rest] }])
    }
  }
  // An answer that is over before the cut loses at least its connection.
  interceptBody(response, take, action.kind === 'cut' ? broken : undefined)
}

/** The length of the body, where the head says it. A head that was given whole is not kept by the response. */
function announcedBytes(response: ServerResponse, { method, given }: HeldCall): number | undefined {
  const heads = method === 'writeHead' ? given.filter((value) => typeof value === 'object') : []
  const [head] = heads as Readonly<Record<string, unknown>>[]
  return Number(head?.['content-length'] ?? response.getHeader('content-length')) || undefined
}

function corruptBody(response: ServerResponse, random: () => number): void {
  interceptBody(response, (chunk, send) => {
    release(response)
    send(withFlippedByte(chunk, random))
  })
}

/** A copy with one byte changed. The lowest bit only, so that most text stays text. */
function withFlippedByte(bytes: Buffer, random: () => number): Buffer {
  const copy = Buffer.from(bytes)
  const at = Math.floor(random() * copy.length)
  if (copy.length > 0) copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}

type TakeChunk = (chunk: Buffer, send: (part: Buffer, done?: () => void) => void) => void

/** Body chunks only; the head passes. A chunk given to `end` is seen as well, and then the end, or `atEnd`. */
function interceptBody(response: ServerResponse, take: TakeChunk, atEnd?: () => void): void {
  const send = (part: Buffer, done?: () => void): void => {
    // The original method even while calls are intercepted, because this is what they come down to.
    Object.getPrototypeOf(response).write.call(response, part, done)
  }
  const own = intercept(
    response,
    ({ method, given }) => {
      const [chunk] = given
      if (typeof chunk === 'string' || chunk instanceof Uint8Array) {
        const encoding = typeof given[1] === 'string' ? (given[1] as BufferEncoding) : 'utf8'
        take(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk), send)
      }
      // If `take` has put something else in the place of the methods, that decides about the end.
      if (method === 'end' && Reflect.get(response, 'end') === own) {
        release(response)
        if (atEnd !== undefined) return atEnd()
      }
      if (method === 'end') response.end()
      const done = given.findLast((value) => typeof value === 'function') as (() => void) | undefined
      if (method === 'write') done?.()
    },
    ['write', 'end'],
  )
}

/** @param take Gets each call instead; for a write it may say `false`: wait for the event 'drain'. */
function intercept(
  response: ServerResponse,
  take: (call: HeldCall) => boolean | void,
  methods: readonly Output[] = outputs,
): unknown {
  for (const method of methods) {
    const value = (...given: readonly unknown[]): unknown => {
      const mayGoOn = take({ method, given }) ?? true
      return method === 'write' ? mayGoOn : response
    }
    Object.defineProperty(response, method, { configurable: true, value })
  }
  return Reflect.get(response, 'end')
}

/** Gives the response its own methods back. */
function release(response: ServerResponse): void {
  for (const method of outputs) Reflect.deleteProperty(response, method)
}

function replay(response: ServerResponse, calls: readonly HeldCall[]): void {
  for (const { method, given } of calls) {
    const run = response[method] as (...given: readonly unknown[]) => unknown
    run.apply(response, [...given])
  }
}

function answerWith(
  response: ServerResponse,
  { status, body, headers }: Extract<Action, { kind: 'status' }>,
): void {
  const bytes = bodyOf(body)
  for (const name of ['content-length', 'content-type', 'transfer-encoding']) response.removeHeader(name)
  const type = typeof body === 'object' ? 'application/json' : 'text/plain; charset=utf-8'
  // 204 and 304 have no body whatever is said of its length.
  const length = status === 204 || status === 304 ? {} : { 'content-length': bytes.length }
  response.writeHead(status, { 'content-type': type, ...length, ...headers }).end(bytes)
}

function bodyOf(body: unknown): Buffer {
  if (body === undefined) return Buffer.alloc(0)
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}

function factsOf(request: IncomingMessage): Facts {
  return { method: request.method, path: request.url?.split('?')[0] }
}

function goneSignal(stream: ServerResponse | Duplex): AbortSignal {
  const gone = new AbortController()
  stream.once('close', () => gone.abort())
  return gone.signal
}
