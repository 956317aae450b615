/**
 * Brings the events of the one WebSocket to the jobs they belong to.
 * An event may come before the answer to `POST /prompt` (1 of 115 recorded prompts, ComfyUI 0.33), so events for unknown
 * ids are kept for a while; a server that ignores our prompt id and chooses its own would lose its first events otherwise.
 */
import type { Emit } from '../events.ts'
import { doneWithin } from '../transport/clock.ts'
import type { PromptEvent } from './messages.ts'

/** Unknown ids remembered, oldest dropped; other people's prompts without client id are broadcast to us too. */
const earlyIdsMax = 64
/** Events kept per unknown id. The last ones matter. */
const earlyEventsMax = 16

/** `ended`: the server says the prompt ended somehow. `reconnected`: events were missed. `quiet`: nothing in time. */
export type News = 'ended' | 'reconnected' | 'quiet'

export class PromptWatches {
  readonly #emit: Emit
  readonly #watches = new Map<string, PromptWatch>()
  readonly #early = new Map<string, PromptEvent[]>()

  constructor(emit: Emit) {
    this.#emit = emit
  }

  /** `nodeCount` is what progress is measured against. Dispose the watch when the job is done. */
  open(promptId: string, nodeCount: number): PromptWatch {
    const watch = new PromptWatch(promptId, nodeCount, this.#emit, () => {
      if (this.#watches.get(promptId) === watch) this.#watches.delete(promptId)
    })
    this.#watches.set(promptId, watch)
    for (const event of this.#early.get(promptId) ?? []) watch.deliver(event)
    this.#early.delete(promptId)
    return watch
  }

  deliver(event: PromptEvent): void {
    const watch = this.#watches.get(event.promptId)
    if (watch !== undefined) return watch.deliver(event)
    const events = this.#early.get(event.promptId) ?? []
    events.push(event)
    if (events.length > earlyEventsMax) events.shift()
    this.#early.set(event.promptId, events)
    const oldest = this.#early.keys().next()
    if (this.#early.size > earlyIdsMax && oldest.value !== undefined) this.#early.delete(oldest.value)
  }

  reconnected(): void {
    for (const watch of this.#watches.values()) watch.reconnected()
  }
}

export class PromptWatch implements Disposable {
  readonly promptId: string
  readonly #nodeCount: number
  readonly #emit: Emit
  readonly #forget: () => void
  #news = new Set<News>()
  #wake: (() => void) | undefined
  #fraction = 0

  constructor(promptId: string, nodeCount: number, emit: Emit, forget: () => void) {
    this.promptId = promptId
    this.#nodeCount = Math.max(1, nodeCount)
    this.#emit = emit
    this.#forget = forget
  }

  deliver(event: PromptEvent): void {
    const job = { type: 'job', service: 'comfyui', jobId: this.promptId } as const
    if (event.kind === 'started') this.#emit({ ...job, what: 'started' })
    else if (event.kind === 'ended') this.#tell('ended')
    else {
      // Sub-graph expansion adds nodes we did not count; never report more than all.
      const fraction = Math.min(1, event.nodesDone / this.#nodeCount)
      if (fraction <= this.#fraction) return
      this.#fraction = fraction
      this.#emit({ ...job, what: 'progress', fraction })
    }
  }

  reconnected(): void {
    this.#tell('reconnected')
  }

  /** The most telling news since the last call, or the next to come. One reader only. */
  async next(withinMs: number, signal: AbortSignal): Promise<News> {
    if (this.#news.size === 0) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      await doneWithin(promise, withinMs, signal)
    }
    const news = this.#news
    this.#news = new Set()
    if (news.has('ended')) return 'ended'
    return news.has('reconnected') ? 'reconnected' : 'quiet'
  }

  #tell(news: News): void {
    this.#news.add(news)
    this.#wake?.()
  }

  [Symbol.dispose](): void {
    this.#forget()
  }
}
