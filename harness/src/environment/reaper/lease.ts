/**
 * Takes a client for gone that stays connected and says nothing: one that was stopped (SIGSTOP) or hangs. It counts
 * its own looks instead of reading the clock, so that time in which the reaper itself could not run (a closed laptop,
 * a stopped engine) is nobody's silence.
 */
import { every } from '../../support/clock.ts'

/** Looks per time to live; a client should say something this often too. */
export const looksPerTtl = 4

export type Lease = Disposable & {
  /** The client has said something. */
  heard(): void
}

/** @param onExpired Called once, after `ttlMs` of silence and at most a quarter more. */
export function startLease(ttlMs: number, onExpired: () => void): Lease {
  let silentLooks = 0
  const looking = every(ttlMs / looksPerTtl, () => {
    silentLooks++
    if (silentLooks <= looksPerTtl) return
    looking[Symbol.dispose]()
    onExpired()
  })
  return {
    heard: () => {
      silentLooks = 0
    },
    [Symbol.dispose]: () => looking[Symbol.dispose](),
  }
}
