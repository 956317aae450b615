/** Judges a stored run again, without any engine: the verdict is a pure function of what the folder holds. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { z } from 'zod'
import { isRunId } from '../environment/labels.ts'
import type { Reaped } from '../environment/reaper/reaped.ts'
import { deliverReport, reportLine } from '../environment/reaper-reports.ts'
import { hashOf, readHistory } from '../history/read.ts'
import { openRunFolder, type RunFolder, readRunJson } from '../report/run-folder.ts'
import type { Experiment } from '../spec/experiment.ts'
import { validateExperiment } from '../spec/validate.ts'
import { SquallError } from '../support/errors.ts'
import { judge, type Verdict } from '../verdict/verdict.ts'
import { outcomeUnder } from './finish-run.ts'

/** What is kept of the earlier judgement; the rest is computed anew. */
const storedSchema = z.object({
  status: z.enum(['completed', 'stopped', 'aborted', 'interrupted', 'broken']),
  outcome: z.enum(['pass', 'fail', 'unknown']),
  engine: z.string(),
  problem: z.string().optional(),
  history: z.object({ events: z.number(), sha256: z.string() }),
})

export type Replay = {
  readonly experiment: Experiment
  readonly verdict: Verdict
  /** What the folder said before. */
  readonly stored: z.infer<typeof storedSchema>
  readonly outcome: Verdict['outcome']
}

/** `.runs/latest` is a file that names the newest folder. */
function followPointer(path: string): string {
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() === true && basename(path) === 'latest'
  return isFile ? readFileSync(path, 'utf8').trim() : path
}

/** @throws SquallError when the folder is not that of a run, InvalidExperiment when its experiment was damaged. */
export function replayRun(path: string): Replay {
  const folder = openRunFolder(followPointer(path))
  refuseDead(folder)
  const parsed = storedSchema.safeParse(readRunJson(folder, 'verdict.json'))
  if (!parsed.success) {
    const file = folder.file('verdict.json')
    throw new SquallError(
      'bad-run-folder',
      `Cannot read ${file}: it is not a verdict; name the folder of a run`,
    )
  }
  const stored = parsed.data
  const historyFile = folder.file('history.ndjson')
  if (hashOf(historyFile) !== stored.history.sha256) {
    throw new SquallError(
      'bad-history',
      `Cannot judge ${historyFile}: it was changed after the run; restore it`,
    )
  }
  const experiment = validateExperiment(
    readRunJson(folder, 'experiment.json'),
    folder.file('experiment.json'),
  )
  const verdict = judge(experiment, readHistory(historyFile))
  return { experiment, verdict, stored, outcome: outcomeUnder(stored.status, verdict.outcome) }
}

/** A run whose harness died has no verdict; what its reaper did is told instead. @throws SquallError `run-died` */
function refuseDead(folder: RunFolder): void {
  if (existsSync(folder.file('verdict.json')) || !existsSync(folder.file('machine.json'))) return
  const { runId } = readRunJson(folder, 'machine.json') as { readonly runId?: unknown }
  if (typeof runId !== 'string' || !isRunId(runId)) return
  deliverReport(runId)
  const report = existsSync(folder.file('reaped.json'))
    ? reportLine(readRunJson(folder, 'reaped.json') as Reaped)
    : 'no reaper has told anything yet'
  const state = `its harness ended before there was a verdict; ${report}`
  throw new SquallError('run-died', `Cannot judge ${folder.path}: ${state}; run it again`)
}
