/**
 * Generations that came by MCP. One at a time for the whole server: a second one is refused, not queued. They live in
 * memory only. Follows `shared/mcp_server.py` and `shared/api_cli.py`: tasks run one after the other, and one that
 * fails does not stop the next.
 */
import { randomUUID } from 'node:crypto'
import type { Command } from '../generate-chain/command-stream.ts'
import { generateSamples } from '../generate-chain/gpu-worker.ts'
import type { Studio } from '../generate-chain/studio.ts'
import { taskOf } from '../generate-chain/task.ts'
import type { Session, Settings, Task } from '../session.ts'
import { eventOf, eventsMax, type JobEvent, type ProgressData } from './events.ts'
import { galleryRecords } from './gallery.ts'

type Wanted = { readonly id: unknown; readonly params: Settings }
type JobError = {
  readonly message: string
  readonly task_index: number | null
  readonly task_id: unknown
  readonly stage: 'validation' | 'generation' | 'cancelled' | 'runtime'
  readonly cancelled: boolean
}

/** One job. `finished` resolves when its result is there. */
type Job = {
  readonly id: string
  readonly createdAt: number
  updatedAt: number
  cancelRequested: boolean
  isDone: boolean
  readonly events: JobEvent[]
  readonly errors: JobError[]
  readonly total: number
  succeeded: number
  failed: number
  readonly filesBefore: number
  lastProgress: ProgressData | undefined
  finished: Promise<void>
}

/** Finished jobs that are remembered. */
const jobsMax = 1000

/** Jobs of one server. */
export class McpJobs {
  readonly #studio: Studio
  readonly #session: Session
  readonly #jobs = new Map<string, Job>()
  #active: Job | undefined

  constructor(studio: Studio, session: Session) {
    this.#studio = studio
    this.#session = session
  }

  /** Starts a generation. Throws if one is under way, or if the source is no task. */
  submit(source: unknown): Job {
    if (this.#active !== undefined) throw new Error('WanGP session already has a generation in progress')
    const wanted = tasksIn(source)
    const now = this.#studio.clock.now() / 1000
    const job: Job = {
      id: randomUUID().replaceAll('-', ''),
      createdAt: now,
      updatedAt: now,
      cancelRequested: false,
      isDone: false,
      events: [],
      errors: [],
      total: wanted.length,
      succeeded: 0,
      failed: 0,
      filesBefore: this.#session.gen.files.length,
      lastProgress: undefined,
      finished: Promise.resolve(),
    }
    this.#active = job
    this.#jobs.set(job.id, job)
    const [oldest] = this.#jobs.keys()
    if (this.#jobs.size > jobsMax && oldest !== undefined) this.#jobs.delete(oldest)
    this.#studio.journal('job-accepted', { jobId: job.id, clientId: this.#session.hash })
    job.finished = this.#run(job, wanted)
    return job
  }

  /** The job of that id. Throws what Python's KeyError reads like. */
  get(id: string): Job {
    const job = this.#jobs.get(id.trim())
    if (job === undefined) throw new Error(`'Unknown WanGP job_id: ${id}'`)
    return job
  }

  /** Asks a job to end; it does so at its next step. */
  cancel(job: Job): void {
    job.cancelRequested = true
    if (job === this.#active) {
      this.#session.gen.abort = true
      this.#session.gen.pause?.resume()
    }
  }

  /** What a client is told of a job. */
  snapshot(job: Job, eventLimit: number): Record<string, unknown> {
    const limit = Math.max(0, Math.min(Math.trunc(eventLimit), eventsMax))
    return {
      job_id: job.id,
      done: job.isDone,
      cancel_requested: job.cancelRequested,
      webui_submission_ready: false,
      webui_load_queue_token: '',
      created_at: job.createdAt,
      updated_at: job.updatedAt,
      events: limit === 0 ? [] : job.events.slice(-limit),
      result: job.isDone ? this.#resultOf(job) : null,
    }
  }

  async #run(job: Job, wanted: readonly Wanted[]): Promise<void> {
    const { journal } = this.#studio
    const { gen } = this.#session
    this.#tell(job, 'started', { tasks: wanted.length })
    // The caller gets its snapshot before anything is done.
    using _lease = await this.#studio.gpu.acquire()
    journal('job-started', { jobId: job.id })
    gen.inProgress = true
    gen.promptsMax = wanted.length
    for (const [index, task] of wanted.entries()) {
      if (job.cancelRequested) break
      gen.promptNo = index + 1
      await this.#runTask(job, task, index + 1)
    }
    if (job.cancelRequested && job.errors.length === 0) {
      job.errors.push(errorOf('cancelled', 'Generation was cancelled'))
      job.failed = Math.max(job.failed, 1)
    }
    Object.assign(gen, { inProgress: false, abort: false, queue: [], promptsMax: 0 })
    this.#active = undefined
    job.isDone = true
    this.#tell(job, 'completed', this.#resultOf(job))
    const isCancelled = job.errors.some(({ cancelled }) => cancelled)
    const outcome = isCancelled ? 'interrupted' : job.errors.length > 0 ? 'error' : 'success'
    journal('job-finished', { jobId: job.id, outcome })
  }

  async #runTask(job: Job, { id, params }: Wanted, index: number): Promise<void> {
    const fail = (stage: JobError['stage'], message: string): void => {
      const error = errorOf(stage, message, { index, id })
      job.errors.push(error)
      job.failed += 1
      this.#tell(job, 'error', error)
    }
    const task = this.#validated(params)
    if ('message' in task) return fail('validation', task.message)
    const failures: string[] = []
    this.#session.gen.queue = [task]
    const outcome = await generateSamples(
      this.#studio,
      {
        jobId: job.id,
        session: this.#session,
        commands: { push: (command) => this.#hear(job, command, failures), next: () => Promise.reject() },
      },
      task,
    )
    if (outcome === 'interrupted') fail('cancelled', 'Generation was cancelled')
    else if (outcome === 'error')
      fail('generation', failures[0] ?? `Task ${index} did not complete successfully`)
    else job.succeeded += 1
  }

  #validated(params: Settings): Task | { readonly message: string } {
    try {
      return taskOf(this.#studio, params)
    } catch (error) {
      return { message: error instanceof Error ? error.message : String(error) }
    }
  }

  #hear(job: Job, command: Command, failures: string[]): void {
    if (command.kind === 'error') failures.push(command.text)
    const event = eventOf(command, job.lastProgress)
    if (event === undefined) return
    if (event.kind === 'progress') job.lastProgress = event.data as ProgressData
    this.#tell(job, event.kind, event.data)
  }

  #tell(job: Job, kind: string, data: unknown): void {
    const timestamp = this.#studio.clock.now() / 1000
    job.events.push({ kind, timestamp, data })
    if (job.events.length > eventsMax) job.events.shift()
    job.updatedAt = timestamp
  }

  #resultOf(job: Job): Record<string, unknown> {
    const records = galleryRecords(this.#session.gen).slice(job.filesBefore)
    return {
      success: job.errors.length === 0,
      cancelled: job.errors.length > 0 && job.errors.every(({ cancelled }) => cancelled),
      generated_files: records.map(({ path }) => path),
      errors: job.errors,
      total_tasks: job.total,
      successful_tasks: job.succeeded,
      failed_tasks: job.failed,
      artifacts: [],
      gallery_items: records,
    }
  }
}

function errorOf(
  stage: JobError['stage'],
  message: string,
  task?: { readonly index: number; readonly id: unknown },
): JobError {
  const isCancelled = stage === 'cancelled'
  return {
    message,
    task_index: task?.index ?? null,
    task_id: task?.id ?? null,
    stage,
    cancelled: isCancelled,
  }
}

/** Tasks of a source: a settings object, a task, `{tasks: […]}`, or a list. */
function tasksIn(source: unknown): readonly Wanted[] {
  if (Array.isArray(source)) return source.map((item, index) => wantedOf(item, index + 1))
  const { tasks } = source as Readonly<Record<string, unknown>>
  return Array.isArray(tasks) ? tasks.map((item, index) => wantedOf(item, index + 1)) : [wantedOf(source, 1)]
}

function wantedOf(item: unknown, index: number): Wanted {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    throw new Error(`Task ${index} must be a dictionary`)
  }
  const { id = index, params, settings } = item as Readonly<Record<string, unknown>>
  const inner = params ?? settings
  const isTask = typeof inner === 'object' && inner !== null
  return isTask ? { id, params: inner as Settings } : { id: index, params: item as Settings }
}
