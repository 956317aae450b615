/**
 * Exponential backoff with jitter, from cockatiel, but with our seeded random numbers: cockatiel's own jitter draws
 * from the global generator and would make two runs of one seed differ.
 */
import { ExponentialBackoff, type IBackoffFactory } from 'cockatiel'

export type BackoffOptions = {
  readonly msFirst: number
  readonly msMax: number
  /** Draws from [0,1). */
  readonly random: () => number
}

/** Half jitter: the n-th wait lies between half of and the whole of `msFirst * 2^n`, at most `msMax`. */
export function backoff(options: BackoffOptions): IBackoffFactory<unknown> {
  return new ExponentialBackoff<number>({
    initialDelay: options.msFirst,
    maxDelay: options.msMax,
    generator: (attempts = 0, { initialDelay, maxDelay }) => {
      const full = Math.min(maxDelay, initialDelay * 2 ** attempts)
      return [Math.round(full / 2 + (full / 2) * options.random()), attempts + 1]
    },
  })
}
