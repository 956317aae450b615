/** What the routes share: one object for one started twin. */
import { randomInt } from 'node:crypto'
import { createGpu, seededRandom, type TwinContext } from '@squall/twin-kit'
import { bindingsOf } from './generate-chain/bindings.ts'
import { vramFromFlags } from './generate-chain/gpu-memory.ts'
import { createOutputStore } from './generate-chain/output-store.ts'
import { createQueueFiles } from './generate-chain/queue-files.ts'
import type { Studio } from './generate-chain/studio.ts'
import { type Dependency, numberBindings } from './gradio/dependency.ts'
import { Mailboxes } from './gradio/mailbox.ts'
import { EventQueue } from './gradio/queue.ts'
import type { Point } from './points.ts'
import { Uploads } from './routes/upload-progress.ts'
import { Sessions, type Task } from './session.ts'

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
  /** Saves the queue, as the real server does at exit; a killed one saves nothing. */
  readonly stop: () => void
  /** Real time between heartbeats of any kind: `heartbeat_rate` in Gradio's `routes.py`. */
  readonly heartbeatMs: number
  /** Length of the style sheet in `/config`. */
  readonly styleBytes: number
}

/** Build a server without any session. */
export function createServer(context: TwinContext<Point>): Server {
  const { clock, faults, journal } = context
  const ending = new AbortController()
  const studio = createStudio(context, ending.signal)
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
    stop: () => {
      ending.abort()
      studio.autosave()
    },
    uploads: new Uploads(),
    heartbeatMs: 1000 * (Number(context.flags['heartbeat-s'] ?? 0) || heartbeatSecondsDefault),
    styleBytes: 1024 * (Number(context.flags['config-kb'] ?? 0) || 0),
  }
}

const heartbeatSecondsDefault = 15

function createStudio(context: TwinContext<Point>, stopped: AbortSignal): Studio {
  const { clock, journal, faults, dataFolder, seed, flags } = context
  const random = seededRandom(seed)
  const queueFiles = createQueueFiles(dataFolder)
  const last: { taskId: number; queue: readonly Task[] } = { taskId: 0, queue: [] }
  const autosave = (): void => {
    if (last.queue.length > 0) queueFiles.save(last.queue)
  }
  return {
    clock,
    journal,
    faults,
    gpu: createGpu({ clock, loadMs: modelLoadMs, vramBytes: vramFromFlags(flags) }),
    outputs: createOutputStore(dataFolder),
    queueFiles,
    randomSeed: () => Math.floor(random() * seedMax),
    nextTaskId: () => {
      last.taskId += 1
      return last.taskId
    },
    touchQueue: (queue) => {
      queueFiles.prepare()
      last.queue = [...queue]
      last.taskId = Math.max(last.taskId, ...queue.map(({ id }) => id))
    },
    autosave,
    alive: () => (stopped.aborted ? new Promise(() => undefined) : Promise.resolve()),
    quit: () => context.crash(0, 'Save and Quit requested...'),
  }
}

/** Whether calling this dependency is what the journal calls a job. */
export function isJob(dependency: Dependency): boolean {
  return dependency.fn.name === 'process_tasks'
}
