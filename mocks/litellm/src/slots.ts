/**
 * How many calls may run at once. LiteLLM has this limit per virtual key (`max_parallel_requests`), which needs a
 * database; the twin gives it to the one key it knows, by a flag. Words of parallel_request_limiter_v3.py, 1.101.6.
 * What makes it worth having: places that are never given back after a hang-up (issues 20256, 27955).
 */
import type { Faults } from '@squall/twin-kit'
import { ProxyFailure } from './failure.ts'
import type { LiteLlmPoint } from './points.ts'

const windowSeconds = 60

export class Slots {
  readonly #max: number | undefined
  readonly #faults: Faults<LiteLlmPoint>
  readonly #now: () => number
  #taken = 0

  constructor(max: number | undefined, { faults, now }: { faults: Faults<LiteLlmPoint>; now: () => number }) {
    this.#max = max
    this.#faults = faults
    this.#now = now
  }

  get taken(): number {
    return this.#taken
  }

  /** Takes a place; the result gives it back. @throws ProxyFailure 429 when all are taken. */
  take(model: unknown): (isAborted: boolean) => Promise<void> {
    if (this.#max !== undefined && this.#taken >= this.#max) throw this.#full(this.#max)
    this.#taken += 1
    return async (aborted) => {
      const outcome = await this.#faults.step('litellm.slot.release', { model, aborted })
      if (outcome.kind !== 'skip') this.#taken -= 1
    }
  }

  #full(max: number): ProxyFailure {
    const resetAt = new Date(this.#now() + windowSeconds * 1000).toISOString().replace('T', ' ').slice(0, 19)
    const limit = `Limit type: max_parallel_requests. Current limit: ${max}, Remaining: 0.`
    return new ProxyFailure({
      status: 429,
      message: `Rate limit exceeded for api_key: master. ${limit} Limit resets at: ${resetAt} UTC`,
      type: 'throttling_error',
      param: 'None',
      headers: { 'retry-after': String(windowSeconds), rate_limit_type: 'max_parallel_requests' },
    })
  }
}
