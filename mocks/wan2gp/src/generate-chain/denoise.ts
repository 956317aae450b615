/** The sampler: one step after the other, and between two of them a look at what the user wishes. */
import type { Task } from '../session.ts'
import { factsOf, type Job, passStep, showPhase, tell } from './job.ts'
import type { Studio } from './studio.ts'

/** One denoising step, simulated. */
const msPerStep = 400

/**
 * All steps. Resolves to false if the user aborted. A wish is seen at the next step, as in the real sampler: an abort
 * ends the job without a file, an early stop ends it with what there is, a pause holds it.
 */
export async function denoise(studio: Studio, job: Job, task: Task): Promise<boolean> {
  const { gen } = job.session
  const seconds = (steps: number): string => `${((steps * msPerStep) / 1000).toFixed(1)}s`
  showPhase(studio, job, 'Encoding Prompt', null)
  const pace = { dueMs: studio.clock.now() }
  for (let step = 1; step <= task.steps; step += 1) {
    const passed = await passStep(studio, 'wan2gp.gpu.denoise', { ...factsOf(job, task), step })
    if (passed === 'done') await passTime(studio, pace)
    if (gen.pause !== null) {
      showPhase(studio, job, 'Paused', [step, task.steps])
      await gen.pause.resumed
    }
    if (gen.abort) {
      showPhase(studio, job, 'Aborting', [step, task.steps])
      return false
    }
    showPhase(studio, job, `Denoising | ${seconds(step)} / ${seconds(task.steps)}`, [step, task.steps])
    tell(studio, job, { kind: 'preview', step })
    if (gen.earlyStop) {
      showPhase(studio, job, 'Early Stop in progress', [step, task.steps])
      return true
    }
  }
  return true
}

/**
 * One step's time. It ends when it is due after the one before, so that timer slack does not add up; after a pause or a
 * stall the steps do not hurry.
 */
async function passTime({ clock }: Studio, pace: { dueMs: number }): Promise<void> {
  const stepMs = msPerStep * clock.timeScale
  pace.dueMs = Math.max(pace.dueMs, clock.now() - stepMs) + stepMs
  await clock.waitReal(Math.max(0, pace.dueMs - clock.now()))
}
