/**
 * The one WebSocket of the client, for all its jobs, kept open over every loss.
 *
 * One at a time, always. ComfyUI keeps one socket per client id. A second socket takes the entry over, and when the
 * first one ends, its clean-up deletes the entry *by id*: the second then stays open, answers pings and never hears a
 * word again (measured 10 of 10 on ComfyUI 0.33; Comfy-Org/ComfyUI#16243). So a new socket is opened only after the old
 * one is closed on this side and a little later; 1 ms was enough in 40 of 40 tries on loopback.
 * Behind a proxy the server may see the old close much later, which we cannot know. Against that: who finds a job
 * finished of which this channel never told, calls `reopen`. A fresh client id per socket would avoid deafness but would
 * surely lose the events of all running jobs, because events go to the id a prompt was submitted with.
 */
import type { IBackoffFactory } from 'cockatiel'
import { ClientError } from '../errors.ts'
import type { Emit } from '../events.ts'
import type { Limits } from '../limits.ts'
import { doneWithin, now, wait } from '../transport/clock.ts'
import { type LiveSocket, openSocket } from '../transport/websocket.ts'

export type EventChannelOptions = {
  readonly url: string
  readonly limits: Limits
  readonly backoff: IBackoffFactory<unknown>
  readonly emit: Emit
  readonly onText: (text: string) => void
  /** Events may have been missed. */
  readonly onReconnected: () => void
  /** The socket closed and we did not ask for it. */
  readonly onLost: (reason: string) => void
}

export class EventChannel implements AsyncDisposable {
  readonly #options: EventChannelOptions
  readonly #stopping = new AbortController()
  #socket: LiveSocket | undefined
  #opened = Promise.withResolvers<void>()
  #waiting = new AbortController()
  #heardAt = now()
  #reconnects = 0
  #running: Promise<void> | undefined

  constructor(options: EventChannelOptions) {
    this.#options = options
  }

  start(): void {
    this.#running ??= this.#run()
  }

  get reconnects(): number {
    return this.#reconnects
  }

  /** ms since the last frame of an open channel; 0 while there is none. */
  get silentMs(): number {
    return this.#socket === undefined ? 0 : now() - this.#heardAt
  }

  /** True once open; false if that takes longer than `ms`. Opening early saves a job its first events, no more. */
  async opened(ms: number, signal: AbortSignal): Promise<boolean> {
    return this.#socket !== undefined || (await doneWithin(this.#opened.promise, ms, signal))
  }

  /** Ends a socket that is open but does not tell what it should. A new one follows. */
  reopen(reason: string): void {
    this.#socket?.terminate(reason)
  }

  /** Tries again now instead of after the backoff: somebody has seen the service alive. */
  hurry(): void {
    this.#waiting.abort()
  }

  async #run(): Promise<void> {
    const { limits, emit } = this.#options
    const { signal } = this.#stopping
    let everOpen = false
    while (!signal.aborted) {
      emit({ type: 'connection', service: 'comfyui', state: everOpen ? 'reconnecting' : 'connecting' })
      const socket = await this.#openUntilItWorks()
      if (socket === undefined) return
      this.#socket = socket
      this.#opened.resolve()
      emit({ type: 'connection', service: 'comfyui', state: 'connected' })
      if (everOpen) {
        this.#reconnects += 1
        this.#options.onReconnected()
      }
      everOpen = true
      const reason = await socket.closed
      this.#socket = undefined
      this.#opened = Promise.withResolvers<void>()
      emit({ type: 'connection', service: 'comfyui', state: 'disconnected' })
      if (signal.aborted) return
      this.#options.onLost(reason)
      await this.#pause(limits.reconnectMsFirst)
    }
  }

  /** Undefined if the channel was stopped. A failed opening is closed before the next begins. */
  async #openUntilItWorks(): Promise<LiveSocket | undefined> {
    const { url, limits, onText } = this.#options
    const { signal } = this.#stopping
    let step = this.#options.backoff.next(undefined)
    while (!signal.aborted) {
      try {
        return await openSocket({
          url,
          signal,
          handshakeMsMax: limits.connectMsMax,
          heartbeatMs: limits.heartbeatMs,
          silenceMsMax: limits.silenceMsMax,
          onText: (text) => {
            this.#heardAt = now()
            onText(text)
          },
        })
      } catch (error) {
        if (!(error instanceof ClientError)) throw error
        await this.#pause(step.duration)
        step = step.next(undefined)
      }
    }
    return undefined
  }

  /** Ends early on `hurry` and on stop; neither is an error. */
  async #pause(ms: number): Promise<void> {
    this.#waiting = new AbortController()
    const either = AbortSignal.any([this.#waiting.signal, this.#stopping.signal])
    await wait(ms, either).catch(() => {})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }
}
