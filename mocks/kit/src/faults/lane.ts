/**
 * The lane of one connection: its messages on their way to the wire, in order, each passing its fault point. While
 * nothing is armed a message goes straight through.
 *
 *   push -> [ waiting: delayed or stalled, and all behind ] -> outlet -> wire
 */
import type { VirtualClock } from '../clock.ts'
import type { Facts } from './entry.ts'
import { type Applied, aborted, type Faults } from './faults.ts'

/** How messages of one kind reach the wire, and how this wire can be broken. */
export type Outlet<Message> = {
  /** May resolve late, where the sender waits for the reader. */
  readonly send: (message: Message) => void | Promise<void>
  /** A copy with one byte changed. */
  readonly corrupt: (message: Message, random: () => number) => Message
  /** Sends a part of the message (half by default) and breaks the connection. */
  readonly cut: (message: Message, afterBytes?: number) => void
  readonly close: (code?: number) => void
  readonly reset: () => void
  /** Aborts when the connection is gone. */
  readonly closed: AbortSignal
}

/** Messages of one connection. */
export type Lane<Message, Point extends string = string> = {
  /** Resolves when the message is sent, or held: a held message must not hold its sender. */
  push(point: Point, message: Message, facts?: Facts): void | Promise<void>
  /** Runs `end` after all that waits, for example the end of the stream. */
  finish(end: () => void): void
}

type Waiting = () => void | Promise<void>

/** A copy with one printable ASCII character changed, so that the text is still a text. */
export function corruptText(text: string, random: () => number): string {
  const places = [...text.matchAll(/[ -~]/g)].map(({ index }) => index)
  const at = places[Math.floor(random() * places.length)]
  if (at === undefined) return text
  return text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1)
}

/** Builds the lane of a new connection. */
export function createLane<Message>(
  faults: Faults,
  clock: VirtualClock,
  outlet: Outlet<Message>,
): Lane<Message> {
  const waiting: Waiting[] = []
  const overtaken: { readonly message: Message; left: number }[] = []
  let isBroken = false
  let isDraining = false
  const send = async (message: Message): Promise<void> => {
    if (isBroken) return
    await outlet.send(message)
    for (const held of overtaken) held.left -= 1
    while (overtaken[0] !== undefined && overtaken[0].left <= 0) {
      const late = overtaken.shift()
      if (late !== undefined) await outlet.send(late.message)
    }
  }
  const flushOvertaken = async (): Promise<void> => {
    for (const { message } of overtaken.splice(0)) if (!isBroken) await outlet.send(message)
  }
  const breakWith = (way: () => void): void => {
    isBroken = true
    way()
  }
  const strike = async ({ action, healed, random }: Applied, message: Message): Promise<void> => {
    if (isBroken) return
    if (action.kind === 'delay')
      await clock.waitReal(action.ms, undefined, AbortSignal.any([healed, outlet.closed]))
    if (action.kind === 'stall') await aborted(healed, outlet.closed)
    if (action.kind === 'delay' || action.kind === 'stall') await send(message)
    if (action.kind === 'duplicate')
      for (let copy = 0; copy <= (action.times ?? 1); copy++) await send(message)
    if (action.kind === 'corrupt') await send(outlet.corrupt(message, random))
    if (action.kind === 'cut') breakWith(() => outlet.cut(message, action.afterBytes))
    if (action.kind === 'close') breakWith(() => outlet.close(action.code))
    if (action.kind === 'reset') breakWith(outlet.reset)
    if (action.kind === 'reorder') {
      overtaken.push({ message, left: action.by ?? 1 })
      healed.addEventListener('abort', () => void flushOvertaken(), { once: true })
    }
  }
  const drain = async (): Promise<void> => {
    isDraining = true
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await next()
    isDraining = false
  }
  return {
    push: (point, message, facts) => {
      const hit = faults.decide(point, facts)
      if (hit === undefined && !isDraining && overtaken.length === 0) {
        return isBroken ? undefined : outlet.send(message)
      }
      waiting.push(() => (hit === undefined ? send(message) : strike(hit, message)))
      if (!isDraining) void drain()
      return undefined
    },
    finish: (end) => {
      const last = async (): Promise<void> => {
        await flushOvertaken()
        if (!isBroken) end()
      }
      if (isDraining || overtaken.length > 0) {
        waiting.push(last)
        if (!isDraining) void drain()
      } else if (!isBroken) end()
    },
  }
}
