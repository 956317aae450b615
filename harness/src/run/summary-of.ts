/** What the report needs of a finished run. */
import type { RunSummary } from '../report/summary.ts'
import { cleanLine } from './clean-proof.ts'
import type { RunResult } from './finish-run.ts'

export function summaryOf(result: RunResult): RunSummary {
  return {
    title: result.experiment.title,
    seed: result.experiment.seed,
    engine: result.engine,
    status: result.status,
    outcome: result.outcome,
    ...(result.problem !== undefined && { problem: result.problem }),
    verdict: result.verdict,
    folder: result.folder.path,
    clean: cleanLine(result.clean),
  }
}
