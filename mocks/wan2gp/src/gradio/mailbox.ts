/**
 * Messages of one session on their way to its stream, and the events that are still open. Gradio keeps a mailbox
 * for a session from its first join on, whether or not anybody reads, until a reader breaks off. The open events
 * outlive that: a session whose stream broke in the middle never gets a `close_stream` again (measured on 5.29.0).
 */
import type { Facts } from '@squall/twin-kit'
import type { Message } from './messages.ts'

/** A message, and what faults can match it by. */
export type Letter = { readonly message: Message; readonly facts: Facts }

/** Gradio's `pending_messages_per_session` is a cache of this size. */
const sessionsMax = 2000

/** Mailbox of one session. */
export class Mailbox {
  /** Events that were joined and not completed on a stream yet. */
  readonly pending: Set<string>
  readonly #letters: Letter[] = []
  #wake: () => void = () => undefined
  #changed: Promise<void> = this.#renew()

  constructor(pending: Set<string>) {
    this.pending = pending
  }

  #renew(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    return promise
  }

  /** Put a message in and wake readers. */
  put(letter: Letter): void {
    this.#letters.push(letter)
    this.#wake()
    this.#changed = this.#renew()
  }

  /** The oldest unread message, if any. A message is read once, by whichever reader is first. */
  take(): Letter | undefined {
    return this.#letters.shift()
  }

  /** Resolves at the next `put`, or when the signal fires. Never rejects. */
  async change(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const stop = (): void => resolve()
    signal.addEventListener('abort', stop, { once: true })
    await Promise.race([this.#changed, promise])
    signal.removeEventListener('abort', stop)
  }
}

/** All mailboxes of the server, by session hash. The one that was not used for longest gives way. */
export class Mailboxes {
  readonly #bySession = new Map<string, Mailbox>()
  readonly #pending = new Map<string, Set<string>>()

  /** The mailbox of a session, made on first use. */
  open(sessionHash: string): Mailbox {
    const pending = this.#pending.get(sessionHash) ?? new Set()
    const mailbox = this.#bySession.get(sessionHash) ?? new Mailbox(pending)
    for (const [map, value] of [
      [this.#pending, pending],
      [this.#bySession, mailbox],
    ] as const) {
      map.delete(sessionHash)
      ;(map as Map<string, unknown>).set(sessionHash, value)
      const [oldest] = map.keys()
      if (map.size > sessionsMax && oldest !== undefined) map.delete(oldest)
    }
    return mailbox
  }

  /** The mailbox of a session that has joined before and did not lose it, else undefined. */
  find(sessionHash: string): Mailbox | undefined {
    return this.#bySession.get(sessionHash)
  }

  /** A reader broke off: the messages are lost, the open events stay open. */
  forget(sessionHash: string): void {
    this.#bySession.delete(sessionHash)
  }
}
