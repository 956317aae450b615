/**
 * Waiting for a condition: the only kind of waiting the harness does. Every wait says what it waits for, has a
 * budget, and on failure tells what it last saw.
 */
import { nowMs, sleep } from './clock.ts'
import { deadline } from './deadline.ts'
import { messageOf, SquallError } from './errors.ts'

/** What one look found. `saw` is for people: "HTTP 503", "2 of 3 units running". */
export type Sighting<T> =
  | { readonly done: true; readonly value: T }
  | { readonly done: false; readonly saw: string }

export type PollOptions<T> = {
  /** Completes "Cannot see that ...", e.g. "comfyui answers". */
  readonly what: string
  /** Pause between the end of one look and the start of the next, ms. */
  readonly everyMs: number
  /** Limit for the whole wait, ms. The first look is always taken. */
  readonly budgetMs: number
  /** One look. What it throws counts as "not yet" and becomes what was last seen. */
  readonly probe: (signal: AbortSignal) => Sighting<T> | Promise<Sighting<T>>
  /** Cancels the wait; its reason is thrown. */
  readonly signal?: AbortSignal
}

/** The condition did not come true within its budget. Code `poll-timeout`. */
export class PollTimeoutError extends SquallError {
  readonly lastSaw: string
  readonly waitedMs: number

  constructor(what: string, waitedMs: number, lastSaw: string) {
    super('poll-timeout', `Cannot see that ${what}: waited ${Math.round(waitedMs)} ms; last seen: ${lastSaw}`)
    this.lastSaw = lastSaw
    this.waitedMs = waitedMs
  }
}

/**
 * Looks until the probe is done and resolves with its value. A look that hangs is abandoned at the end of the
 * budget (its signal is aborted).
 * @throws PollTimeoutError, or the signal's reason.
 */
export async function pollUntil<T>(options: PollOptions<T>): Promise<T> {
  const startedAt = nowMs()
  let lastSaw = 'nothing (the first look did not return)'
  using limit = deadline(options.budgetMs, `see that ${options.what}`, options.signal)
  for (;;) {
    const sighting = await look(options.probe, limit)
    if (sighting?.done) return sighting.value
    if (sighting) lastSaw = sighting.saw
    if (!limit.signal.aborted) await sleep(options.everyMs, limit.signal).catch(() => undefined)
    if (options.signal?.aborted) throw options.signal.reason
    if (limit.signal.aborted) throw new PollTimeoutError(options.what, nowMs() - startedAt, lastSaw)
  }
}

/** One look; nothing when the budget ended during it. */
async function look<T>(
  probe: PollOptions<T>['probe'],
  limit: ReturnType<typeof deadline>,
): Promise<Sighting<T> | undefined> {
  try {
    return await limit.race(Promise.resolve(probe(limit.signal)))
  } catch (error) {
    return limit.signal.aborted ? undefined : { done: false, saw: messageOf(error) }
  }
}
