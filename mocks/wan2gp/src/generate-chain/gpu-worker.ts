/**
 * The GPU worker: takes the tasks of one session one after the other, on the one GPU of the server. It is started
 * by `process_tasks` and does not depend on it afterwards. Follows `queue_worker_func` in `wgp.py`.
 * Knowingly missing: VRAM accounting, image and audio models, sliding windows, several samples of one prompt.
 */
import { renderVideo } from '@squall/twin-kit'
import type { Session, Task } from '../session.ts'
import type { CommandStream } from './command-stream.ts'
import type { Studio } from './studio.ts'
import { videoSize } from './video-size.ts'

/** One denoising step, simulated. */
const msPerStep = 400

type Job = { readonly jobId: string; readonly session: Session; readonly commands: CommandStream }
type Outcome = 'success' | 'error' | 'interrupted'

/** Work the session's queue until it is empty, an error, or an abort. Never rejects; tells all by `commands`. */
export async function workQueue(studio: Studio, job: Job): Promise<void> {
  const { jobId, session, commands } = job
  using _lease = await studio.gpu.acquire()
  studio.journal('job-started', { jobId })
  let outcome: Outcome = 'success'
  session.gen.promptNo = 0
  for (let task = session.gen.queue[0]; task !== undefined; task = session.gen.queue[0]) {
    session.gen.promptNo += 1
    outcome = await generate(studio, job, task)
    if (outcome === 'error') break
    session.gen.queue = session.gen.queue.filter((waiting) => waiting.id !== task?.id)
  }
  studio.journal('job-finished', { jobId, outcome })
  commands.push({ kind: 'exit' })
}

async function generate(studio: Studio, job: Job, task: Task): Promise<Outcome> {
  const { session, commands } = job
  try {
    await loadModel(studio, job, task)
    if (!(await denoise(studio, job, task))) {
      session.gen.abort = false
      commands.push({ kind: 'status', text: 'Video Generation Aborted' })
      commands.push({ kind: 'output' })
      return 'interrupted'
    }
    tell(job, 'VAE Decoding', null)
    await saveVideo(studio, job, task)
    commands.push({ kind: 'output' })
    return 'success'
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    const text = `The generation of the video has encountered an error, please check your terminal for more information. '${error instanceof Error ? error.message : String(error)}'`
    commands.push({ kind: 'error', text })
    return 'error'
  }
}

async function loadModel(studio: Studio, job: Job, task: Task): Promise<void> {
  if (studio.gpu.resident.has(task.modelType)) return
  // One model fits: a real Wan2GP releases the loaded one before it loads another.
  studio.gpu.unloadAll()
  job.commands.push({ kind: 'status', text: `Loading model ${task.modelType}...` })
  tell(job, `Loading model ${task.modelType}...`, null)
  await studio.gpu.load(task.modelType)
  job.commands.push({ kind: 'status', text: 'Model loaded' })
}

/** All steps. Resolves to false if the user aborted; an abort is seen at the next step, as in the real sampler. */
async function denoise(studio: Studio, job: Job, task: Task): Promise<boolean> {
  const { session, commands } = job
  const aborted = new AbortController()
  const seconds = (steps: number): string => `${((steps * msPerStep) / 1000).toFixed(1)}s`
  tell(job, 'Encoding Prompt', null)
  try {
    await studio.gpu.run({
      steps: task.steps,
      msPerStep,
      signal: aborted.signal,
      onStep: (step) => {
        if (session.gen.abort) aborted.abort(new Error('aborted'))
        tell(job, `Denoising | ${seconds(step)} / ${seconds(task.steps)}`, [step, task.steps])
        commands.push({ kind: 'preview', step })
      },
    })
  } catch (error) {
    if (!aborted.signal.aborted) throw error
  }
  return !aborted.signal.aborted
}

async function saveVideo(studio: Studio, job: Job, task: Task): Promise<void> {
  const { prompt, seed, fps } = task
  const bytes = await renderVideo({ prompt, seed, fps, ...videoSize(task) })
  const stored = await studio.outputs.save({ bytes, prompt, seed, atMs: studio.clock.now() })
  studio.journal('output', {
    jobId: job.jobId,
    sha256: stored.sha256,
    bytes: stored.bytes,
    mediaType: 'video/mp4',
    file: stored.cachePath,
  })
  job.session.gen.files.push(stored.cachePath)
}

function tell(job: Job, phase: string, steps: readonly [number, number] | null): void {
  const { promptNo, promptsMax } = job.session.gen
  const context = promptsMax > 1 ? `Prompt ${promptNo}/${promptsMax} - ` : ''
  job.commands.push({ kind: 'progress', steps, description: `${context}${phase}` })
}
