/**
 * Steps 7 to 9: save the logs, prove that nothing is left, freeze the history, judge it, write the report.
 * Runs after every ending. A status says how the harness fared; the verdict says how the client did.
 */
import type { CleanReport } from '../environment/clean/compare.ts'
import { deliverReport, forgetEvidenceFolder } from '../environment/reaper-reports.ts'
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
import { cleanLine } from './clean-proof.ts'

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
  /** The proof that everything is as it was before the run. */
  readonly clean: CleanReport
  readonly engine: OpenRun['engine']
  readonly subject: string
  /** What stood behind each service: "twin", "real, squall-litellm:… (built)". */
  readonly implementations: Readonly<Record<string, string>>
}

export function finishRun(
  run: OpenRun,
  experiment: Experiment,
  problem: unknown,
  clean: CleanReport,
): RunResult {
  const { folder } = run
  const history = run.recorder.freeze()
  for (const service of run.services) {
    const lines = service.unit?.logs() ?? []
    folder.writeLog(
      service.id,
      lines.map((line) => `${new Date(line.at).toISOString()} ${line.text}\n`).join(''),
    )
  }
  folder.writeJson('clean.json', clean)
  // A reaper may have acted although the harness lives: it was taken for gone.
  deliverReport(run.runId)
  forgetEvidenceFolder(run.runId)
  folder.writeJson('receipts.json', faultsOf(history))
  const status = statusOf(run, problem, clean)
  const judged = judge(experiment, history)
  const outcome = outcomeUnder(status, judged.outcome)
  const reason = status === 'stopped' ? stopReason(history) : reasonOf(run, problem, clean)
  const result: RunResult = {
    status,
    outcome,
    verdict: judged,
    ...(reason !== undefined && { problem: reason }),
    experiment,
    history,
    folder,
    runId: run.runId,
    clean,
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
  folder.writeText(
    'timeline.html',
    renderTimeline(experiment, history, judged, { about: aboutOf(run), clean: cleanLine(clean) }),
  )
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

function statusOf(run: OpenRun, problem: unknown, { clean }: CleanReport): RunStatus {
  if (!clean) return 'broken'
  if (problem === undefined) return stopReason(run.recorder.events()) === undefined ? 'completed' : 'stopped'
  if (isBroken(problem)) return 'broken'
  if (run.signal.aborted) return 'interrupted'
  const noSteadyState = run.recorder
    .events()
    .some((event) => event.type === 'phase' && beforeHarm.has(event.phase) && event.error !== undefined)
  return noSteadyState ? 'aborted' : 'broken'
}

/** A harness that could not keep its promises, whoever else wanted the run to end; it may be wrapped in another error. */
function isBroken(problem: unknown): boolean {
  if (problem instanceof SuppressedError) return isBroken(problem.error) || isBroken(problem.suppressed)
  return ['reaper-lost', 'left-behind'].includes(codeOf(problem) ?? '')
}

/** What is left comes first: it is what somebody has to do something about. */
function reasonOf(run: OpenRun, problem: unknown, clean: CleanReport): string | undefined {
  const reason = problem === undefined ? undefined : messageOf(problem)
  if (clean.clean) return reason
  const state = `Cannot prove that all is as before run ${run.runId}: ${cleanLine(clean)}; run "squall heal"`
  return reason === undefined ? state : `${state} (before that: ${reason})`
}
