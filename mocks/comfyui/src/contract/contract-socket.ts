/** A WebSocket client of the contract: keeps every frame, and waits for one with a budget that says what came. */
import { CaseFailure, show } from '@squall/twin-kit/conformance/compare'
import { withBudget } from '@squall/twin-kit/conformance/run-groups'
import { WebSocket } from 'ws'

/** One JSON frame. */
export type Frame = { readonly type: string; readonly data: Readonly<Record<string, unknown>> }

/** One binary frame: its type, and everything after it. */
export type BinaryFrame = { readonly binary: number; readonly rest: Buffer }

/** One connection. */
export type ContractSocket = Disposable & {
  readonly clientId: string
  readonly frames: readonly Frame[]
  readonly binaries: readonly BinaryFrame[]
  /** Frames and binary frames by type, in order, `binary4` for a binary one. */
  readonly order: readonly string[]
  readonly send: (message: unknown) => void
  /** The first frame, come or to come, that matches. Fails after 15 s with the frames that came instead. */
  readonly until: (what: string, matches: (frame: Frame) => boolean, budgetMs?: number) => Promise<Frame>
  /** Resolves with the close code once the connection has ended. */
  readonly closed: Promise<number>
  /** Resolves when the server has answered a ping, and so everything sent before it. */
  readonly ping: () => Promise<void>
  readonly close: (code?: number) => void
}

const frameBudgetMs = 15_000

/** Connects to `/ws` and waits for the first frame. */
export async function openSocket(url: string, clientId = '', path = '/ws'): Promise<ContractSocket> {
  const socket = await openSilentSocket(url, clientId, path)
  await socket.until('the first status', isStatus)
  return socket
}

/** Whether this frame tells the length of the queue. */
export function isStatus({ type }: Frame): boolean {
  return type === 'status'
}

/** Connects and waits for nothing. */
export async function openSilentSocket(url: string, clientId: string, path = '/ws'): Promise<ContractSocket> {
  const query = clientId === '' ? '' : `?clientId=${clientId}`
  const socket = new WebSocket(`${url.replace(/^http/, 'ws').replace(/\/$/, '')}${path}${query}`)
  const frames: Frame[] = []
  const binaries: BinaryFrame[] = []
  const order: string[] = []
  const watchers = new Set<() => void>()
  const closed = Promise.withResolvers<number>()
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) {
      binaries.push({ binary: data.readUInt32BE(0), rest: data.subarray(4) })
      order.push(`binary${data.readUInt32BE(0)}`)
    } else {
      // Old servers may send a bare NaN, which is no JSON; the frame is kept as a text.
      const frame = parsed(data.toString())
      frames.push(frame)
      order.push(frame.type)
    }
    for (const watch of watchers) watch()
  })
  socket.on('close', (code) => closed.resolve(code))
  const opened = Promise.withResolvers<void>()
  socket.on('open', () => opened.resolve())
  socket.on('error', (error) => opened.reject(error))
  await withBudget(frameBudgetMs, opened.promise, 'WebSocket handshake')
  return {
    clientId,
    frames,
    binaries,
    order,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    until: (what, matches, budgetMs = frameBudgetMs) =>
      untilFrame({ what, matches, budgetMs, frames, watchers }),
    closed: closed.promise,
    ping: () => ping(socket),
    close: (code) => socket.close(code),
    [Symbol.dispose]: () => socket.terminate(),
  }
}

/** Whether this frame is the very last one of a prompt. */
export function isEndOf(promptId: string): (frame: Frame) => boolean {
  return ({ type, data }) => type === 'executing' && data['node'] === null && data['prompt_id'] === promptId
}

/** Frames that name the prompt. */
export function framesOf(socket: ContractSocket, promptId: string): Frame[] {
  return socket.frames.filter(({ data }) => data['prompt_id'] === promptId)
}

async function untilFrame(wait: {
  readonly what: string
  readonly matches: (frame: Frame) => boolean
  readonly budgetMs: number
  readonly frames: readonly Frame[]
  readonly watchers: Set<() => void>
}): Promise<Frame> {
  const { promise, resolve } = Promise.withResolvers<Frame>()
  const watch = (): void => {
    const found = wait.frames.find(wait.matches)
    if (found !== undefined) resolve(found)
  }
  wait.watchers.add(watch)
  watch()
  try {
    return await withBudget(wait.budgetMs, promise)
  } catch {
    const got = wait.frames.slice(-8).map(({ type }) => type)
    throw new CaseFailure([
      { path: 'frames', expected: `${wait.what} within ${wait.budgetMs} ms`, got: `last ${show(got)}` },
    ])
  } finally {
    wait.watchers.delete(watch)
  }
}

async function ping(socket: WebSocket): Promise<void> {
  const answered = Promise.withResolvers<void>()
  socket.once('pong', () => answered.resolve())
  socket.ping()
  await withBudget(frameBudgetMs, answered.promise, 'answer to a ping')
}

function parsed(text: string): Frame {
  try {
    return JSON.parse(text) as Frame
  } catch {
    return { type: `not JSON: ${text.slice(0, 200)}`, data: {} }
  }
}
