/** One call of `process_tasks` as its worker sees it, and how the worker tells what it does. */
import type { Facts } from '@squall/twin-kit'
import type { Session, Task } from '../session.ts'
import type { Command, CommandStream } from './command-stream.ts'
import { failureNamed } from './failure.ts'
import type { Studio } from './studio.ts'

/** What the worker works on. */
export type Job = { readonly jobId: string; readonly session: Session; readonly commands: CommandStream }

/** Passes a step that can fail; a step that is left out simply did not happen. */
export async function passStep(
  { faults, alive }: Studio,
  point: 'wan2gp.gpu.load' | 'wan2gp.gpu.denoise' | 'wan2gp.gpu.decode',
  facts: Facts,
): Promise<'done' | 'left out'> {
  const step = await faults.step(point, facts)
  await alive()
  if (step.kind === 'fail') throw failureNamed(step.as)
  return step.kind === 'skip' ? 'left out' : 'done'
}

/** What faults can match a step of a job by. */
export function factsOf({ jobId, session }: Job, { prompt }: Task): Facts {
  return { jobId, sessionHash: session.hash, prompt }
}

/** Tells `process_tasks` something. */
export function tell({ faults }: Studio, { jobId, commands }: Job, command: Command): void {
  if (faults.decide('wan2gp.worker.tell', { jobId, kind: command.kind }) === undefined) commands.push(command)
}

/** Sets the text beside the progress bar. */
export function showPhase(
  studio: Studio,
  job: Job,
  phase: string,
  steps: readonly [number, number] | null,
): void {
  const { promptNo, promptsMax } = job.session.gen
  const context = promptsMax > 1 ? `Prompt ${promptNo}/${promptsMax} - ` : ''
  tell(studio, job, { kind: 'progress', steps, description: `${context}${phase}` })
}
