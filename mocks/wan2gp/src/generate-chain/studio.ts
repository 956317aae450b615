/** What the functions of the chain share: one GPU for all sessions, the clock, the journal, the output folders. */
import type { Faults, Gpu, Journal, VirtualClock } from '@squall/twin-kit'
import type { Point } from '../points.ts'
import type { Session } from '../session.ts'
import type { OutputStore } from './output-store.ts'

/** The shared things of one server. */
export type Studio = {
  readonly clock: VirtualClock
  readonly journal: Journal
  readonly faults: Faults<Point>
  readonly gpu: Gpu
  readonly outputs: OutputStore
  /** A seed for a job that asked for -1; follows from the seed of the twin. */
  readonly randomSeed: () => number
  /** Number for the next task of any session; Wan2GP counts them for the whole server. */
  readonly nextTaskId: () => number
}

/** `str(time.time())`: epoch seconds as text. Never the same twice in a session, or a trigger would not fire. */
export function timestamp(session: Session, clock: VirtualClock): string {
  const seconds = Math.max(clock.now() / 1000, session.gen.lastTimestamp + 1e-6)
  session.gen.lastTimestamp = seconds
  return seconds.toFixed(6)
}
