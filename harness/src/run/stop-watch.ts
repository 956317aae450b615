/** Watches the history while it grows, and tells when a stop condition of the experiment is met. */
import type { HistoryEvent } from '../history/event.ts'
import type { Recorder } from '../history/recorder.ts'
import type { Experiment } from '../spec/experiment.ts'
import { every, nowMs } from '../support/clock.ts'
import { watchSettled } from '../verdict/settled-operations.ts'

/** How often the clock is looked at, ms: no event tells that something has lasted long enough. */
const lookEveryMs = 100

/**
 * Calls `stop` once, with the reason, and records it. Dispose to watch no more.
 * @param historyBeganAt ms since the epoch; what `at` of the events counts from.
 */
export function watchForStop(
  experiment: Experiment,
  options: {
    readonly recorder: Recorder
    readonly historyBeganAt: number
    readonly stop: (reason: string) => void
  },
): Disposable {
  using undo = new DisposableStack()
  if (experiment.stopWhen === undefined) return undo.move()
  const condition = stopCondition(experiment)
  let stopped = false
  const look = (reason: string | undefined): void => {
    if (reason === undefined || stopped) return
    stopped = true
    options.recorder.append({ type: 'stop', reason })
    options.stop(reason)
  }
  undo.use(options.recorder.onEvent((event) => look(condition.add(event))))
  undo.use(every(lookEveryMs, () => look(condition.at(nowMs() - options.historyBeganAt))))
  return undo.move()
}

/** The conditions as a machine that is fed one event at a time, so that a long history costs nothing. */
export function stopCondition(experiment: Experiment) {
  const { jobsLost, jobsFailed, unhealthyMs, checks = [] } = experiment.stopWhen ?? {}
  const settled = watchSettled(checks, experiment)
  const accepted = new Set<string>()
  const unhealthySince = new Map<string, number>()
  let lost = 0
  let failed = 0
  const at = (now: number): string | undefined => {
    if (jobsLost !== undefined && lost >= jobsLost) return `${lost} jobs were lost`
    if (jobsFailed !== undefined && failed >= jobsFailed) return `${failed} jobs failed`
    for (const [service, since] of unhealthySince) {
      if (unhealthyMs !== undefined && now - since >= unhealthyMs) {
        return `${service} was unhealthy for ${Math.round(now - since)} ms`
      }
    }
    return settled.failure(now)
  }
  return {
    /** The reason to stop after this event, if there is one. */
    add(event: HistoryEvent): string | undefined {
      settled.add(event)
      if (event.type === 'operation') {
        if (event.what === 'accepted') accepted.add(event.op)
        if (event.what === 'info' && accepted.has(event.op)) lost += 1
        if (event.what === 'info' || event.what === 'fail') failed += 1
      }
      if (event.type === 'health') {
        if (event.state === 'HEALTHY') unhealthySince.delete(event.service)
        else if (!unhealthySince.has(event.service)) unhealthySince.set(event.service, event.at)
      }
      return at(event.at)
    },
    /** The reason to stop at this time, ms since the history began. */
    at,
  }
}
