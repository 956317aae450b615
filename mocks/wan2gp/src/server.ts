/** What the routes share: one object for one started twin. */
import { randomInt } from 'node:crypto'
import { createGpu, seededRandom, type TwinContext } from '@squall/twin-kit'
import { bindingsOf } from './generate-chain/bindings.ts'
import { createOutputStore } from './generate-chain/output-store.ts'
import type { Studio } from './generate-chain/studio.ts'
import { type Dependency, numberBindings } from './gradio/dependency.ts'
import { Mailboxes } from './gradio/mailbox.ts'
import { EventQueue } from './gradio/queue.ts'
import type { Point } from './points.ts'
import { Uploads } from './routes/upload-progress.ts'
import { Sessions } from './session.ts'

/** Cold load of a model, simulated milliseconds. */
const modelLoadMs = 8_000
/** Wan2GP draws seeds below this. */
const seedMax = 999_999_999

/** State of one server. All of it is in memory, as in the real one. */
export type Server = {
  /** New for each process; `reconnect()` of the client tells restarts by it. */
  readonly appId: string
  readonly context: TwinContext<Point>
  readonly studio: Studio
  readonly dependencies: readonly Dependency[]
  readonly sessions: Sessions
  readonly mailboxes: Mailboxes
  readonly queue: EventQueue
  readonly uploads: Uploads
  /** Length of the style sheet in `/config`. */
  readonly styleBytes: number
}

/** Build a server without any session. */
export function createServer(context: TwinContext<Point>): Server {
  const { clock, faults, journal } = context
  const random = seededRandom(context.seed)
  let taskId = 0
  const studio: Studio = {
    clock,
    journal,
    faults,
    gpu: createGpu({ clock, loadMs: modelLoadMs }),
    outputs: createOutputStore(context.dataFolder),
    randomSeed: () => Math.floor(random() * seedMax),
    nextTaskId: () => {
      taskId += 1
      return taskId
    },
  }
  const mailboxes = new Mailboxes()
  return {
    // Real chance, not the seed: a restarted twin with the same seed must still show another id.
    appId: String(randomInt(2 ** 47)),
    context,
    studio,
    dependencies: numberBindings(bindingsOf(studio)),
    sessions: new Sessions(),
    mailboxes,
    queue: new EventQueue({
      clock,
      faults,
      mailboxes,
      dropped: (event) => {
        if (isJob(event.dependency)) journal('job-finished', { jobId: event.id, outcome: 'interrupted' })
      },
    }),
    uploads: new Uploads(),
    styleBytes: 1024 * (Number(context.flags['config-kb'] ?? 0) || 0),
  }
}

/** Whether calling this dependency is what the journal calls a job. */
export function isJob(dependency: Dependency): boolean {
  return dependency.fn.name === 'process_tasks'
}
