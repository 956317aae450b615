/**
 * When the reaper acts: not while a client is connected, and not before the lease of the last one has run out.
 *
 *   no client yet            -> after `connectionMs`
 *   last client disconnected -> after `reconnectionMs`, or the lease when that is longer
 *   ... having said "done"   -> at once
 *   asked to end (SIGTERM)   -> at once
 */
import { after } from '../../support/clock.ts'

export type Vigil = {
  connected(): void
  disconnected(): void
  /** Keeps everything for that long after the last disconnect; the last word counts, 0 takes it back. */
  lease(ms: number): void
  /** A client has removed everything itself: there is nothing to wait for once all are gone. */
  release(): void
  /** Acts now, whoever is connected. */
  end(): void
}

export type VigilOptions = {
  /** How long to wait for a first client, ms. */
  readonly connectionMs: number
  /** How long to wait for a client to come back, ms. */
  readonly reconnectionMs: number
  /** Called once. */
  readonly onDue: () => void
}

export function startVigil(options: VigilOptions): Vigil {
  let clients = 0
  let leaseMs = 0
  let released = false
  let due = false
  const act = (): void => {
    if (!due) options.onDue()
    due = true
  }
  let timer = after(options.connectionMs, act)
  return {
    connected: () => {
      clients++
      timer[Symbol.dispose]()
    },
    disconnected: () => {
      clients--
      if (clients > 0 || due) return
      timer[Symbol.dispose]()
      timer = after(released ? 0 : Math.max(options.reconnectionMs, leaseMs), act)
    },
    lease: (ms) => {
      leaseMs = ms
    },
    release: () => {
      released = true
    },
    end: () => {
      timer[Symbol.dispose]()
      act()
    },
  }
}
