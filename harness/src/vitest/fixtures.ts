/** Fixtures: `run` plays an experiment and puts it into the report; `bringUp` gives a bare environment. */
import { test as base } from 'vitest'
import type { EngineKind } from '../environment/engine.ts'
import { attachRun, labelTest } from '../report/allure.ts'
import type { RunResult } from '../run/finish-run.ts'
import { runExperiment } from '../run/run-experiment.ts'
import { bringUp, newRunId, type Stack } from '../run/stack.ts'
import { summaryOf } from '../run/summary-of.ts'
import type { Experiment } from '../spec/experiment.ts'
import { servicesOf, type Topology } from '../spec/topology.ts'
import { silentLog } from '../support/log.ts'
import type { Subject } from '../workload/subject.ts'
import { endWithRunner } from './end-with-runner.ts'

declare module 'vitest' {
  interface TaskMeta {
    /** The runs a test made, for whoever sums up a whole test run. */
    squallRuns?: readonly {
      readonly scenario: string
      readonly engine: EngineKind
      readonly folder: string
    }[]
  }
}

/** Plays an experiment and attaches verdict, timeline and, if it did not pass, logs to the Allure report. */
export type RunInTest = (
  experiment: Experiment,
  options: { readonly engine: EngineKind; readonly subject: Subject; readonly scenario: string },
) => Promise<RunResult>

/** Brings an environment up for this test; it is gone when the test ends, however it ends. */
export type StackInTest = (options: {
  readonly engine: EngineKind
  readonly topology: Topology
  readonly scenario: string
  readonly seed?: number
  readonly timeScale?: number
}) => Promise<Stack>

endWithRunner()

export const test = base.extend<{ run: RunInTest; bringUp: StackInTest }>({
  // biome-ignore lint: Vitest reads the first parameter's pattern
  run: async ({ signal, task }, use) => {
    // A test that throws does not wait for its run; healing must not be left to the reaper for that.
    const over = new AbortController()
    const playing = new Set<Promise<RunResult>>()
    const play: typeof runExperiment = (experiment, options) => {
      const playingThis = runExperiment(experiment, options)
      playing.add(playingThis)
      return playingThis
    }
    await use(async (experiment, { engine, subject, scenario }) => {
      await labelTest({ scenario, engine, backends: servicesOf(experiment.topology) })
      const ending = AbortSignal.any([signal, over.signal])
      const result = await play(experiment, { engine, subject, signal: ending })
      const summary = summaryOf(result)
      await attachRun({ ...summary, implementations: result.implementations })
      task.meta.squallRuns = [...(task.meta.squallRuns ?? []), { scenario, engine, folder: summary.folder }]
      return result
    })
    over.abort(new Error('the test is over'))
    await Promise.allSettled(playing)
  },
  bringUp: async ({ signal }, use) => {
    await using stacks = new AsyncDisposableStack()
    await use(async ({ engine, topology, scenario, seed = 1, timeScale = 0.05 }) => {
      await labelTest({ scenario, engine, backends: servicesOf(topology) })
      const stack = await bringUp({
        engine,
        topology,
        seed,
        timeScale,
        runId: newRunId(),
        startMsMax: 120_000,
        env: process.env,
        log: silentLog,
        signal,
      })
      return stacks.use(stack)
    })
  },
})
