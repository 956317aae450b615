/**
 * The conductor. A run, in order:
 *
 *   1 folder        open the run folder and the history
 *   2 environment   engine, reaper, network, services; wait until each answers
 *   3 clients       start the subject against them
 *   4 steady state  every service answers, every client is connected
 *   5 workload      the users work while the nemesis plays the fault plan and heals it
 *   6 rollback      everything healed: wait for steady state again
 *   7 teardown      stop the clients, remove the environment, prove that all is as it was before 2
 *   8 history       freeze it; it is complete before any check runs
 *   9 verdict       judge it, write the report
 *
 * Only this folder writes history. What fails in 2 to 7 makes the run broken or interrupted, never the verdict.
 */
import type { EngineKind } from '../environment/engine.ts'
import type { Service } from '../services/service.ts'
import type { Experiment } from '../spec/experiment.ts'
import { servicesOf } from '../spec/topology.ts'
import { type Log, silentLog } from '../support/log.ts'
import type { Subject } from '../workload/subject.ts'
import { beginRun, type OpenRun } from './begin-run.ts'
import { beginProof } from './clean-proof.ts'
import { startClients } from './clients.ts'
import { controlledServices, linkedServices, sideContainersOf, sizedDisks } from './fault-targets.ts'
import { finishRun, type RunResult } from './finish-run.ts'
import { phase, startState, workloadState } from './phases.ts'
import { harmable, refuseHarm } from './refuse-harm.ts'
import { recordSamples } from './samples.ts'
import { bringUp, type Stack } from './stack.ts'
import { awaitClients, awaitServices } from './steady-state.ts'
import { workUnderFaults } from './work-under-faults.ts'

export type RunOptions = {
  readonly subject: Subject
  readonly engine: EngineKind
  /** Where `.runs` is kept; by default the working directory. */
  readonly root?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly log?: Log
  /** Ctrl-C: everything is healed and removed, then the run ends as interrupted. */
  readonly signal?: AbortSignal
}

/**
 * Runs an experiment to its verdict, whatever happens on the way.
 * @throws InvalidExperiment, and SquallError `no-run-folder`: before anything is started.
 */
export async function runExperiment(experiment: Experiment, options: RunOptions): Promise<RunResult> {
  const log = options.log ?? silentLog
  refuseHarm(experiment, options.engine, options.env ?? process.env)
  const run = beginRun(experiment, options)
  const proof = await beginProof(options.engine)
  let problem: unknown
  try {
    await conduct(run, experiment, options, log)
  } catch (error) {
    problem = error
  }
  return finishRun(run, experiment, problem, await proof.conclude(run.runId, run.services))
}

async function conduct(run: OpenRun, experiment: Experiment, options: RunOptions, log: Log): Promise<void> {
  const { recorder, signal } = run
  const { budgets } = experiment
  await using stack = await phase(
    recorder,
    log,
    'environment',
    () => openStack(run, experiment, options, log),
    () =>
      startState(
        recorder,
        run.services.map((service) => service.id),
      ),
  )
  const services = [...stack.services.values()]
  await using clients = await phase(recorder, log, 'clients', () =>
    startClients(options.subject, experiment, stack, recorder, log),
  )
  await phase(recorder, log, 'steady state', async () => {
    await awaitServices(services, budgets.steadyStateMsMax, signal)
    await awaitClients(clients.all, servicesOf(experiment.topology), budgets.steadyStateMsMax, signal)
  })
  const candidates = harmable(experiment, options.engine, options.env ?? process.env)
  using _samples = recordSamples(services, recorder)
  const { users, jobsPerUser } = experiment.workload
  await phase(
    recorder,
    log,
    'workload',
    () => workUnderFaults({ run, experiment, stack, clients, candidates, log }),
    () => workloadState(recorder, users * jobsPerUser),
  )
  await phase(recorder, log, 'rollback', async () => {
    await awaitServices(services, budgets.steadyStateMsMax, signal)
    // A client that does not come back is for the checks to judge: it breaks no run.
    await awaitClients(clients.all, servicesOf(experiment.topology), budgets.steadyStateMsMax, signal).catch(
      () => undefined,
    )
  })
  for (const [client, subject] of clients.all.entries()) {
    recorder.append({ type: 'client-stats', client, stats: subject.stats() })
  }
}

function openStack(run: OpenRun, experiment: Experiment, options: RunOptions, log: Log): Promise<Stack> {
  const { recorder } = run
  const candidates = harmable(experiment, options.engine, options.env ?? process.env)
  return bringUp({
    engine: options.engine,
    runId: run.runId,
    topology: experiment.topology,
    seed: experiment.seed,
    timeScale: experiment.timeScale,
    startMsMax: experiment.budgets.startMsMax,
    controlled: controlledServices(experiment.faults),
    linked: linkedServices(experiment.faults, candidates, options.engine),
    diskBytes: sizedDisks(experiment.faults, candidates),
    sideContainers: sideContainersOf(experiment.faults),
    env: options.env ?? process.env,
    log,
    signal: run.signal,
    onReaperLost: run.abort,
    onStarting: (service) => {
      run.services.push(service)
      service.onJournal((line) => recorder.append(journalEvent(service, line.event, line.fields), line.at))
    },
    onReady: (service, startedInMs) => {
      const { id, description: implementation } = service
      recorder.append({ type: 'service', service: id, what: 'ready', implementation, startedInMs })
    },
  })
}

/** A journal line as an event; the fields that checks use are part of the type, the rest rides along. */
function journalEvent(service: Service, event: string, fields: Readonly<Record<string, unknown>>) {
  return { ...fields, type: 'journal', service: service.id, event } as const
}
