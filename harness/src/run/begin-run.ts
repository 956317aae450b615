/** Step 1 of a run: the folder, the history, the identity. From here on everything that happens is on disk. */
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os'
import { noteEvidenceFolder } from '../environment/reaper-reports.ts'
import { historyVersion } from '../history/event.ts'
import { openRecorder, type Recorder } from '../history/recorder.ts'
import { createRunFolder, type RunFolder } from '../report/run-folder.ts'
import type { Service } from '../services/service.ts'
import type { Experiment } from '../spec/experiment.ts'
import { nowMs } from '../support/clock.ts'
import { SquallError } from '../support/errors.ts'
import type { RunOptions } from './run-experiment.ts'
import { newRunId } from './stack.ts'

export type OpenRun = {
  readonly runId: string
  readonly folder: RunFolder
  readonly recorder: Recorder
  readonly engine: RunOptions['engine']
  readonly subject: string
  readonly startedAt: Date
  /** Every service that was begun to be started, for its log. */
  readonly services: Service[]
  /** Ends the run early: Ctrl-C, or the loss of the reaper. */
  readonly signal: AbortSignal
  readonly abort: (reason: string) => void
}

/** @throws SquallError `no-run-folder` */
export function beginRun(experiment: Experiment, options: RunOptions): OpenRun {
  const startedAtMs = nowMs()
  const startedAt = new Date(startedAtMs)
  const folder = createRunFolder(experiment.title, experiment.seed, startedAt, options.root ?? process.cwd())
  folder.writeJson('experiment.json', experiment)
  const runId = newRunId()
  noteEvidenceFolder(runId, folder.path)
  folder.writeJson('machine.json', {
    runId,
    startedAt: startedAt.toISOString(),
    engine: options.engine,
    subject: options.subject.name,
    node: process.versions.node,
    system: `${platform()} ${release()} ${arch()}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
  })
  const recorder = openRecorder(folder.file('history.ndjson'), startedAtMs)
  recorder.append({ type: 'run', what: 'begin', version: historyVersion, startedAt: startedAt.toISOString() })
  const lost = new AbortController()
  return {
    runId,
    folder,
    recorder,
    engine: options.engine,
    subject: options.subject.name,
    startedAt,
    services: [],
    signal: options.signal ? AbortSignal.any([options.signal, lost.signal]) : lost.signal,
    abort: (reason) => lost.abort(new SquallError('reaper-lost', `Cannot go on: ${reason}; run it again`)),
  }
}
