/**
 * Ends every process of a run: those whose environment names the run, and those registered by id (the only way on
 * systems that do not show the environment of a process). SIGKILL also ends a process that is stopped.
 */
import { nowMs, sleep } from '../../support/clock.ts'
import { ownerIsAlive } from '../owner.ts'
import { findRunProcesses } from '../run-processes.ts'

export type EndProcessesOptions = {
  readonly runId: string
  /** Owners (owner.ts) of process groups of the run; the start time guards against an id used again. */
  readonly registered?: readonly string[]
  /** Looks until none is left, at most so long, ms. */
  readonly budgetMs: number
}

const pauseMs = 10

/** Ids of the processes of the run that run now, without the caller's own. */
function processesOfRun(runId: string, registered: readonly string[] = []): number[] {
  const named = findRunProcesses(runId).map((found) => found.pid)
  const known = registered
    .filter((owner) => ownerIsAlive(owner) === true)
    .map((owner) => Number(owner.split(':')[1]))
  return [...new Set([...named, ...known])].filter((pid) => pid !== process.pid)
}

/** @returns the ids that were ended, and those that still run at the end of the budget. */
export async function endProcesses(
  options: EndProcessesOptions,
): Promise<{ ended: number[]; left: number[] }> {
  const endsAt = nowMs() + options.budgetMs
  const signalled = new Set<number>()
  for (;;) {
    const running = processesOfRun(options.runId, options.registered)
    if (running.length === 0 || nowMs() > endsAt) {
      return { ended: [...signalled].filter((pid) => !running.includes(pid)), left: running }
    }
    for (const pid of running) {
      signalled.add(pid)
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // Gone meanwhile, or not ours to kill: the next look tells.
      }
    }
    await sleep(pauseMs)
  }
}
