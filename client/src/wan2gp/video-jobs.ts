/**
 * Video jobs on Wan2GP. There is no "generate" endpoint: the browser walks a chain of calls in one session, and so do we.
 * Each job has a session of its own, so that one broken stream costs one job.
 * Up to `process_tasks` nothing has run yet and the whole chain may be walked again in a new session. From there on a
 * broken stream ends the job with an error: the server stops pulling the generator and forgets the session's events.
 * Missing: taking up a job after its stream broke; the heartbeat connection (without it a session lives on all the same).
 */
import { randomUUID } from 'node:crypto'
import { ClientError, mayHaveArrived } from '../errors.ts'
import type { Emit } from '../events.ts'
import type { JobResult, JobRunner, VideoJob } from '../job.ts'
import type { Limits } from '../limits.ts'
import type { Retrying } from '../recovery/retry.ts'
import { deadline, untilAborted } from '../transport/clock.ts'
import type { Http } from '../transport/http.ts'
import { classifyStatus } from '../transport/http-error.ts'
import { asObject, type JsonObject, parseJson } from '../transport/json.ts'
import { argumentsOf, findEndpoint } from './app-config.ts'
import { galleryVideo } from './gallery.ts'
import { GradioSession, type JoinedCall } from './session.ts'

export type VideoJobsParts = {
  readonly http: Http
  readonly limits: Limits
  readonly retry: Retrying
  readonly emit: Emit
}

type App = { readonly config: JsonObject; readonly info: JsonObject }
type RunningVideo = { readonly app: App; readonly session: GradioSession; readonly tasks: JoinedCall }

export function videoJobs(parts: VideoJobsParts): JobRunner<VideoJob> {
  const running = new Map<string, RunningVideo>()
  return {
    async submit(job, signal) {
      const video = await parts.retry({
        what: 'submit the video job',
        deadlineMs: parts.limits.submitMsMax,
        signal,
        attempt: (inner) => startVideo(parts, job, inner),
      })
      running.set(video.tasks.eventId, video)
      return video.tasks.eventId
    },
    async follow(jobId, signal) {
      const video = running.get(jobId)
      if (video === undefined) {
        const message = `Cannot follow ${jobId}: this client did not submit it, or has finished it; submit it first`
        throw new ClientError({ errorClass: 'validation', code: 'unknown-job', message })
      }
      running.delete(jobId)
      using session = video.session
      using limit = deadline(parts.limits.followMsMax, signal, 'finish the video job')
      await untilAborted(video.tasks.completed, limit.signal)
      const outputs = await call(session, video.app, 'finalize_generation', {}, limit.signal)
      return await download(parts, galleryVideo(outputs), limit.signal)
    },
  }
}

/** Steps 1 to 7 of the chain; the order and the names are Wan2GP's (read in its source, Gradio 5.29). */
async function startVideo(parts: VideoJobsParts, job: VideoJob, signal: AbortSignal): Promise<RunningVideo> {
  const app = await readApp(parts.http, signal)
  const session = new GradioSession({
    http: parts.http,
    limits: parts.limits,
    sessionHash: randomUUID().replaceAll('-', '').slice(0, 11),
    onStream: (state) => parts.emit({ type: 'connection', service: 'wan2gp', state }),
  })
  try {
    await call(session, app, 'init_generate', {}, signal)
    await call(session, app, 'validate_wizard_prompt', { prompt: job.prompt }, signal)
    await call(session, app, 'save_inputs', formValues(job), signal)
    await call(session, app, 'process_prompt_and_add_tasks', {}, signal)
    await call(session, app, 'prepare_generate_media', {}, signal)
    await call(session, app, 'activate_status', {}, signal)
    const tasks = await runTasks(parts, session, app, signal)
    return { app, session, tasks }
  } catch (error) {
    session[Symbol.dispose]()
    throw error
  }
}

function formValues(job: VideoJob): JsonObject {
  return {
    target: 'state', // save into the session, not into a file
    prompt: job.prompt,
    seed: job.seed,
    num_inference_steps: job.steps,
    video_length: job.frames,
  }
}

/** Progress comes on a second call that runs beside `process_tasks` and must be joined before it. */
async function runTasks(
  { emit }: VideoJobsParts,
  session: GradioSession,
  app: App,
  signal: AbortSignal,
): Promise<JoinedCall> {
  let jobId: string | undefined
  const status = findEndpoint(app.config, app.info, 'refresh_status_async')
  await session.join(status.fnIndex, argumentsOf(status, {}), signal, {
    onProgress: ({ index, length }) => {
      if (jobId === undefined || typeof index !== 'number' || typeof length !== 'number') return
      const fraction = length > 0 ? Math.min(1, index / length) : 0
      emit({ type: 'job', service: 'wan2gp', jobId, what: 'progress', fraction })
    },
  })
  const tasks = findEndpoint(app.config, app.info, 'process_tasks')
  const { promise: joined, resolve } = Promise.withResolvers<string>()
  try {
    const call = await session.join(tasks.fnIndex, argumentsOf(tasks, {}), signal, {
      // May be told before `join` returns, when the id is not known here yet.
      onStart: () =>
        void joined.then((id) => emit({ type: 'job', service: 'wan2gp', jobId: id, what: 'started' })),
    })
    jobId = call.eventId
    resolve(call.eventId)
    return call
  } catch (error) {
    throw error instanceof ClientError && mayHaveArrived(error) ? uncertainSubmit(error) : error
  }
}

/** The job may run and cannot be looked up: there is no list of jobs in Gradio. Trying again could make two of it. */
function uncertainSubmit(cause: ClientError): ClientError {
  const message = `Cannot submit the video job: whether it was accepted is unknown; ${cause.message}`
  return new ClientError({ errorClass: cause.errorClass, code: 'submit-uncertain', message, final: true })
}

async function call(
  session: GradioSession,
  { config, info }: App,
  baseName: string,
  values: JsonObject,
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  const endpoint = findEndpoint(config, info, baseName)
  return await session.call(endpoint.fnIndex, argumentsOf(endpoint, values), signal)
}

/** Read anew for every job: names and numbers change when the server is updated behind the same address. */
async function readApp(http: Http, signal: AbortSignal): Promise<App> {
  const get = async (path: string): Promise<JsonObject> => {
    const answer = await http.call({ method: 'GET', path, signal })
    if (answer.status !== 200) throw classifyStatus(answer.status, `GET ${path}`, '')
    return asObject(parseJson(answer.bytes, `GET ${path}`))
  }
  const [config, info] = await Promise.all([get('/config'), get('/gradio_api/info')])
  return { config, info }
}

async function download(
  parts: VideoJobsParts,
  file: { readonly path: string; readonly fileName: string },
  signal: AbortSignal,
): Promise<JobResult> {
  return await parts.retry({
    what: 'fetch the video',
    deadlineMs: parts.limits.followMsMax,
    signal,
    attempt: async (inner) => {
      const answer = await parts.http.call({ method: 'GET', path: file.path, signal: inner })
      if (answer.status !== 200) throw classifyStatus(answer.status, 'fetch the video', '')
      const mediaType = answer.headers['content-type'] ?? 'application/octet-stream'
      return { outputs: [{ mediaType, bytes: answer.bytes, fileName: file.fileName }] }
    },
  })
}
