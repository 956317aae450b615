/** Step 5 of a run: the users work while the nemesis plays the plan, until both are done or a stop condition is met. */
import { playPlan } from '../faults/nemesis.ts'
import type { Experiment } from '../spec/experiment.ts'
import type { ServiceName } from '../spec/topology.ts'
import { planContext } from '../spec/validate.ts'
import { nowMs } from '../support/clock.ts'
import type { Log } from '../support/log.ts'
import { runClosedLoop } from '../workload/closed-loop.ts'
import type { OpenRun } from './begin-run.ts'
import type { Clients } from './clients.ts'
import { faultTarget } from './fault-targets.ts'
import { momentReached } from './moments.ts'
import type { Stack } from './stack.ts'
import { watchForStop } from './stop-watch.ts'

export type WorkOptions = {
  readonly run: OpenRun
  readonly experiment: Experiment
  readonly stack: Stack
  readonly clients: Clients
  /** Services that may be harmed. */
  readonly candidates: readonly ServiceName[]
  readonly log: Log
}

/** Resolves when every fault is healed, also after a stop. @throws what cancelled the run, or what failed in it. */
export async function workUnderFaults(options: WorkOptions): Promise<void> {
  const { run, experiment, log } = options
  const stop = new AbortController()
  using _watch = watchForStop(experiment, {
    recorder: run.recorder,
    historyBeganAt: run.startedAt.getTime(),
    stop: (reason) => {
      log.progress(`    stopped: ${reason}`)
      stop.abort(new Error(reason))
    },
  })
  const signal = AbortSignal.any([run.signal, stop.signal])
  const over = new AbortController()
  const faults = playFaults(options, signal, AbortSignal.any([over.signal, signal]))
  const work = runClosedLoop({
    plan: experiment.workload,
    seed: experiment.seed,
    budgets: experiment.budgets,
    clients: options.clients.all,
    emit: (event) => run.recorder.append({ type: 'operation', ...event }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(experiment.budgets.workloadMsMax)]),
  }).finally(() => over.abort())
  // Both are awaited whatever the other does: a fault that is active must be healed before anything is removed.
  const [played, worked] = await Promise.allSettled([faults, work])
  run.signal.throwIfAborted()
  if (played.status === 'rejected') throw played.reason
  if (worked.status === 'rejected') throw worked.reason
}

/** @param over Aborted when the workload is over: no new fault from then on. */
function playFaults(options: WorkOptions, signal: AbortSignal, over: AbortSignal): Promise<void> {
  const { run, experiment, stack, log } = options
  const moments = { recorder: run.recorder, workloadBeganAt: nowMs(), over }
  return playPlan({
    ...planContext(experiment, options.candidates),
    plan: experiment.faults,
    target: (step, on) => faultTarget(stack, step, on),
    reached: (moment, on) => momentReached(moments, moment, on),
    emit: (event) => {
      run.recorder.append({ type: 'fault', ...event })
      if (event.what !== 'waiting') log.progress(`    ${event.name}: ${event.error ?? event.what}`)
    },
    healMsMax: experiment.budgets.healMsMax,
    over,
    signal,
  })
}
