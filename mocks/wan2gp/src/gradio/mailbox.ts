/**
 * Messages of one session on their way to its stream, and the events that are still open. Gradio keeps a mailbox
 * for a session from its first join on, whether or not anybody reads: what was not read stays as leftovers for the
 * next reader. Mailboxes are never thrown away here (Gradio drops the oldest after 2000 sessions).
 */
import type { Message } from './messages.ts'

/** Mailbox of one session. */
export class Mailbox {
  /** Events that were joined and not completed on a stream yet. */
  readonly pending = new Set<string>()
  readonly #messages: Message[] = []
  #wake: () => void = () => undefined
  #changed: Promise<void> = this.#renew()

  #renew(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    return promise
  }

  /** Put a message in and wake readers. */
  put(message: Message): void {
    this.#messages.push(message)
    this.#wake()
    this.#changed = this.#renew()
  }

  /** The oldest unread message, if any. A message is read once, by whichever reader is first. */
  take(): Message | undefined {
    return this.#messages.shift()
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

/** All mailboxes of the server, by session hash. */
export class Mailboxes {
  readonly #bySession = new Map<string, Mailbox>()

  /** The mailbox of a session, made on first use. */
  open(sessionHash: string): Mailbox {
    const known = this.#bySession.get(sessionHash)
    if (known !== undefined) return known
    const fresh = new Mailbox()
    this.#bySession.set(sessionHash, fresh)
    return fresh
  }

  /** The mailbox of a session that has joined before, else undefined. */
  find(sessionHash: string): Mailbox | undefined {
    return this.#bySession.get(sessionHash)
  }
}
