/**
 * When the reaper acts: not while a client is connected, and not before the lease that one of them gave has run out.
 *
 *   no client yet            -> after `connectionMs`
 *   last client disconnected -> after `reconnectionMs`, or at the end of the lease when that is later
 *   ... having said "done"   -> at once
 *   asked to end (SIGTERM)   -> at once
 */
import { after, nowMs } from '../../support/clock.ts'

export type Vigil = {
  connected(): void
  disconnected(): void
  /** Keeps everything for that long from now on, whoever comes and goes; the last word counts, 0 takes it back. */
  lease(ms: number): void
  /** What is left of the lease; nothing when there is none. */
  leaseLeftMs(): number | undefined
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
  let leaseEndsAt: number | undefined
  const leaseLeftMs = (): number | undefined =>
    leaseEndsAt === undefined ? undefined : Math.max(0, leaseEndsAt - nowMs())
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
      timer = after(released ? 0 : Math.max(options.reconnectionMs, leaseLeftMs() ?? 0), act)
    },
    lease: (ms) => {
      leaseEndsAt = ms === 0 ? undefined : nowMs() + ms
    },
    leaseLeftMs,
    release: () => {
      released = true
    },
    end: () => {
      timer[Symbol.dispose]()
      act()
    },
  }
}
