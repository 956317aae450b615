/** What the functions of the chain share: one GPU for all sessions, the clock, the journal, the output folders. */
import type { Faults, Gpu, Journal, VirtualClock } from '@squall/twin-kit'
import type { Point } from '../points.ts'
import type { Session, Task } from '../session.ts'
import type { OutputStore } from './output-store.ts'
import type { QueueFiles } from './queue-files.ts'

/** The shared things of one server. */
export type Studio = {
  readonly clock: VirtualClock
  readonly journal: Journal
  readonly faults: Faults<Point>
  readonly gpu: Gpu
  readonly outputs: OutputStore
  readonly queueFiles: QueueFiles
  /** A seed for a job that asked for -1; follows from the seed of the twin. */
  readonly randomSeed: () => number
  /** Number for the next task of any session; Wan2GP counts them for the whole server. */
  readonly nextTaskId: () => number
  /** Notes the queue that was changed last: that one is saved when the server is told to stop. */
  readonly touchQueue: (queue: readonly Task[]) => void
  /** Saves it; does nothing if it is empty. */
  readonly autosave: () => void
  /** Resolves while the server lives, and never after its end: work of a dead server must not show. */
  readonly alive: () => Promise<void>
  /** Ends the process, as the Quit button does. */
  readonly quit: () => void
}

/** `str(time.time())`: epoch seconds as text. Never the same twice in a session, or a trigger would not fire. */
export function timestamp(session: Session, clock: VirtualClock): string {
  const seconds = Math.max(clock.now() / 1000, session.gen.lastTimestamp + 1e-6)
  session.gen.lastTimestamp = seconds
  return seconds.toFixed(6)
}
