/** Judges a stored run again, without any engine: the verdict is a pure function of what the folder holds. */
import { readHistory } from '../history/read.ts'
import { openRunFolder, readRunJson } from '../report/run-folder.ts'
import type { Experiment } from '../spec/experiment.ts'
import { validateExperiment } from '../spec/validate.ts'
import { judge, type Verdict } from '../verdict/verdict.ts'

export type Replay = {
  readonly experiment: Experiment
  readonly verdict: Verdict
  /** What the folder said before. */
  readonly stored: { readonly status: string; readonly outcome: string; readonly engine: string }
  readonly outcome: Verdict['outcome']
}

/** @throws SquallError when the folder is not that of a run. */
export function replayRun(path: string): Replay {
  const folder = openRunFolder(path)
  const stored = readRunJson(folder, 'verdict.json') as Replay['stored']
  const experiment = validateExperiment(
    readRunJson(folder, 'experiment.json'),
    folder.file('experiment.json'),
  )
  const verdict = judge(experiment, readHistory(folder.file('history.ndjson')))
  // A run that did not complete stays unknown, however its history reads.
  return { experiment, verdict, stored, outcome: stored.status === 'completed' ? verdict.outcome : 'unknown' }
}
