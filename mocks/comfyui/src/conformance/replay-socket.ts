/** A WebSocket client of a replay: keeps every frame, and says when enough of them are there. */
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { readExact } from './exact-json.ts'
import type { BinaryFrame } from './recording.ts'

/** A frame as received: the parsed message, or the decoded binary frame. */
export type LiveFrame = { readonly json: unknown } | { readonly binary: BinaryFrame }

/** One connection. */
export type ReplaySocket = {
  readonly frames: readonly LiveFrame[]
  readonly send: (text: string) => void
  /** Resolves when `ready` holds, looked at after every frame, or when the time is up. */
  readonly until: (ready: () => boolean, budgetMs: number) => Promise<void>
  readonly close: () => void
  /** Close code, once the connection has ended. */
  readonly closed: () => number | undefined
}

/** Connects. Rejects if the handshake fails. */
export async function openReplaySocket(url: string): Promise<ReplaySocket> {
  const socket = new WebSocket(url)
  const frames: LiveFrame[] = []
  let code: number | undefined
  const watchers = new Set<() => void>()
  const changed = (): void => {
    for (const watch of watchers) watch()
  }
  socket.on('message', (data: Buffer, isBinary) => {
    frames.push(isBinary ? { binary: decode(data) } : { json: readExact(data.toString()) })
    changed()
  })
  socket.on('close', (closeCode) => {
    code = closeCode
    changed()
  })
  await once(socket, 'open')
  socket.on('error', () => undefined)
  return {
    frames,
    send: (text) => socket.send(text, () => undefined),
    close: () => socket.close(1000),
    closed: () => code,
    until: (ready, budgetMs) => waitFor(watchers, ready, budgetMs),
  }
}

async function waitFor(watchers: Set<() => void>, ready: () => boolean, budgetMs: number): Promise<void> {
  const done = Promise.withResolvers<void>()
  const watch = (): void => {
    if (ready()) done.resolve()
  }
  const budget = AbortSignal.timeout(budgetMs)
  budget.addEventListener('abort', () => done.resolve(), { once: true })
  watchers.add(watch)
  watch()
  await done.promise
  watchers.delete(watch)
}

function decode(frame: Buffer): BinaryFrame {
  const type = frame.readUInt32BE(0)
  const second = frame.readUInt32BE(4)
  const after = frame.subarray(8)
  const magic = (bytes: Buffer): string => bytes.toString('hex', 0, 4)
  if (type === 1) return { event_type: 1, image_type: second, image_magic_hex: magic(after) }
  const [head, rest] = [after.subarray(0, second).toString(), after.subarray(second)]
  if (type === 3) return { event_type: 3, node_id: head, text: rest.toString() }
  return { event_type: type, metadata: readExact(head), image_magic_hex: magic(rest) }
}
