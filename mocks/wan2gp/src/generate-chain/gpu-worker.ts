/**
 * The GPU worker: takes the tasks of one session one after the other, on the one GPU of the server. It is started
 * by `process_tasks` and does not depend on it afterwards. Follows `queue_worker_func` in `wgp.py`.
 * Knowingly missing: audio models, sliding windows, phases.
 */

import { complain } from '../gradio/gradio-error.ts'
import type { Task } from '../session.ts'
import { denoise } from './denoise.ts'
import { failureText, isMeant } from './failure.ts'
import { modelBytes, workingBytes } from './gpu-memory.ts'
import { factsOf, type Job, passStep, showPhase, tell } from './job.ts'
import { saveOutputs } from './save-outputs.ts'
import type { Studio } from './studio.ts'

/** How a task ended. */
export type Outcome = 'success' | 'error' | 'interrupted'

/** Work the session's queue until it is empty, an error, or an abort. Never rejects; tells all by `commands`. */
export async function workQueue(studio: Studio, job: Job): Promise<void> {
  const { jobId, session } = job
  using _lease = await studio.gpu.acquire()
  studio.journal('job-started', { jobId })
  let outcome: Outcome = 'success'
  session.gen.promptNo = 0
  for (let task = session.gen.queue[0]; task !== undefined; task = session.gen.queue[0]) {
    session.gen.promptNo += 1
    outcome = await generateSamples(studio, job, task)
    if (outcome === 'error') break
    session.gen.queue = session.gen.queue.filter((waiting) => waiting !== task)
    studio.touchQueue(session.gen.queue)
  }
  studio.journal('job-finished', { jobId, outcome })
  tell(studio, job, { kind: 'exit' })
}

/** The sample that was asked for, and those ordered while it ran, each with the next seed. */
export async function generateSamples(studio: Studio, job: Job, task: Task): Promise<Outcome> {
  const { gen } = job.session
  gen.extraOrders = 0
  for (let sample = 0; ; sample += 1) {
    const outcome = await generate(studio, job, { ...task, seed: task.seed + sample })
    if (outcome !== 'success' || gen.extraOrders <= sample) return outcome
  }
}

async function generate(studio: Studio, job: Job, task: Task): Promise<Outcome> {
  const { gen } = job.session
  try {
    gen.earlyStop = false
    await loadModel(studio, job, task)
    using _working = studio.gpu.reserve(workingBytes(task), [task.modelType])
    if (!(await denoise(studio, job, task))) {
      gen.abort = false
      tell(studio, job, { kind: 'status', text: 'Video Generation Aborted' })
      tell(studio, job, { kind: 'output' })
      return 'interrupted'
    }
    showPhase(studio, job, 'VAE Decoding', null)
    await passStep(studio, 'wan2gp.gpu.decode', factsOf(job, task))
    await saveOutputs(studio, job, task)
    tell(studio, job, { kind: 'output' })
    return 'success'
  } catch (error) {
    if (!isMeant(error)) complain(error)
    studio.queueFiles.saveFailed(gen.queue)
    tell(studio, job, { kind: 'error', text: failureText(error) })
    return 'error'
  }
}

async function loadModel(studio: Studio, job: Job, task: Task): Promise<void> {
  const { gpu } = studio
  if (gpu.resident.has(task.modelType)) return
  // One model fits: a real Wan2GP releases the loaded one before it loads another.
  gpu.unloadAll()
  tell(studio, job, { kind: 'status', text: `Loading model ${task.modelType}...` })
  showPhase(studio, job, `Loading model ${task.modelType}...`, null)
  await passStep(studio, 'wan2gp.gpu.load', { ...factsOf(job, task), model: task.modelType })
  await gpu.load(task.modelType, { bytes: modelBytes })
  tell(studio, job, { kind: 'status', text: 'Model loaded' })
}
