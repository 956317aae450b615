/**
 * Steps 7 to 9: save the logs, prove that nothing is left, freeze the history, judge it, write the report.
 * Runs after every ending. A status says how the harness fared; the verdict says how the client did.
 */
import type { HistoryEvent } from '../history/event.ts'
import { faultsOf } from '../history/query.ts'
import { hashOf } from '../history/read.ts'
import type { RunFolder } from '../report/run-folder.ts'
import { renderTimeline } from '../report/timeline.ts'
import type { Experiment } from '../spec/experiment.ts'
import { codeOf, messageOf } from '../support/errors.ts'
import type { Outcome } from '../verdict/check.ts'
import { judge, type Verdict } from '../verdict/verdict.ts'
import type { OpenRun } from './begin-run.ts'

/**
 * - `completed`    the run went its way; the verdict counts
 * - `stopped`      a stop condition of the experiment was met, so it has failed
 * - `aborted`      steady state was never seen, so nothing was harmed and nothing is known
 * - `interrupted`  somebody ended it (Ctrl-C)
 * - `broken`       the harness failed: a service did not start, a heal failed, something was left behind
 */
export type RunStatus = 'completed' | 'stopped' | 'aborted' | 'interrupted' | 'broken'

export type RunResult = {
  readonly status: RunStatus
  /** What the verdict comes to under this status; see outcomeUnder. */
  readonly outcome: Outcome
  readonly verdict: Verdict
  /** Why the status is not `completed`. */
  readonly problem?: string
  readonly experiment: Experiment
  readonly history: readonly HistoryEvent[]
  readonly folder: RunFolder
  readonly runId: string
  readonly engine: OpenRun['engine']
  readonly subject: string
  /** What stood behind each service: "twin", "real, squall-litellm:… (built)". */
  readonly implementations: Readonly<Record<string, string>>
}

export function finishRun(run: OpenRun, experiment: Experiment, problem: unknown): RunResult {
  const { folder } = run
  const history = run.recorder.freeze()
  for (const service of run.services) {
    const lines = service.unit?.logs() ?? []
    folder.writeLog(
      service.id,
      lines.map((line) => `${new Date(line.at).toISOString()} ${line.text}\n`).join(''),
    )
  }
  // The engine proves on disposal that nothing of the run is left, and throws what it finds.
  const left = leftBehind(problem)
  folder.writeJson('clean.json', left === undefined ? { clean: true } : { clean: false, left })
  folder.writeJson('receipts.json', faultsOf(history))
  const status = statusOf(run, problem)
  const judged = judge(experiment, history)
  const outcome = outcomeUnder(status, judged.outcome)
  const reason = problem === undefined ? stopReason(history) : messageOf(problem)
  const result: RunResult = {
    status,
    outcome,
    verdict: judged,
    ...(reason !== undefined && { problem: reason }),
    experiment,
    history,
    folder,
    runId: run.runId,
    engine: run.engine,
    subject: run.subject,
    implementations: Object.fromEntries(run.services.map((service) => [service.id, service.description])),
  }
  const { checks, figures } = judged
  const stored = { events: history.length, sha256: hashOf(folder.file('history.ndjson')) }
  folder.writeJson('verdict.json', {
    history: stored,
    status,
    outcome,
    engine: run.engine,
    problem: reason,
    checks,
    figures,
  })
  folder.writeText('timeline.html', renderTimeline(experiment, history, judged, aboutOf(run)))
  return result
}

/** Who sets a stop condition says what must not happen: met, the run has failed. What did not complete is unknown. */
export function outcomeUnder(status: RunStatus, judged: Outcome): Outcome {
  if (status === 'completed') return judged
  return status === 'stopped' ? 'fail' : 'unknown'
}

function stopReason(history: readonly HistoryEvent[]): string | undefined {
  return history.find((event) => event.type === 'stop')?.reason
}

function aboutOf(run: OpenRun): string {
  return `${run.engine} engine, client ${run.subject}, ${run.startedAt.toISOString().replace(/\..*/, 'Z')}`
}

/** Stages whose failure means that the client was never seen well, so that nothing was harmed. */
const beforeHarm: ReadonlySet<string> = new Set(['clients', 'steady state'])

function statusOf(run: OpenRun, problem: unknown): RunStatus {
  if (problem === undefined) return stopReason(run.recorder.events()) === undefined ? 'completed' : 'stopped'
  if (codeOf(problem) === 'reaper-lost' || leftBehind(problem) !== undefined) return 'broken'
  if (run.signal.aborted) return 'interrupted'
  const noSteadyState = run.recorder
    .events()
    .some((event) => event.type === 'phase' && beforeHarm.has(event.phase) && event.error !== undefined)
  return noSteadyState ? 'aborted' : 'broken'
}

/** What the proof of a clean end found, if it found something; it may be wrapped in an earlier error. */
function leftBehind(problem: unknown): string | undefined {
  if (problem instanceof SuppressedError) return leftBehind(problem.error) ?? leftBehind(problem.suppressed)
  return codeOf(problem) === 'left-behind' ? messageOf(problem) : undefined
}
