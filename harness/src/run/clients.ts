/** The clients of a run: started against the services, with everything they notice going to the history. */
import type { Recorder } from '../history/recorder.ts'
import type { Experiment } from '../spec/experiment.ts'
import { type ServiceName, serviceNames } from '../spec/topology.ts'
import type { Log } from '../support/log.ts'
import { subSeed } from '../support/random.ts'
import type { ActiveSubject, Subject, SubjectOptions } from '../workload/subject.ts'
import { parseSubjectEvent } from '../workload/subject-event.ts'
import { startGuarded } from './guarded-client.ts'
import type { Stack } from './stack.ts'

export type Clients = AsyncDisposable & { readonly all: readonly ActiveSubject[] }

/** Starts as many clients as the plan asks for; those already started are stopped if one fails. */
export async function startClients(
  subject: Subject,
  experiment: Experiment,
  stack: Stack,
  recorder: Recorder,
  log: Log,
): Promise<Clients> {
  await using undo = new AsyncDisposableStack()
  const endpoints = endpointsOf(stack)
  const all: ActiveSubject[] = []
  for (let index = 0; index < experiment.workload.clients; index++) {
    const options: SubjectOptions = {
      endpoints,
      litellmKey: stack.litellmKey,
      litellmModel: 'squall-text',
      seed: subSeed(experiment.seed, `client/${index}`),
      healthIntervalMs: experiment.healthIntervalMs,
      emit: (event) => {
        const known = parseSubjectEvent(event)
        if (known) recorder.append(known)
      },
    }
    const client = await startGuarded(subject, options, experiment.budgets, log)
    undo.use(client)
    all.push(client)
  }
  const kept = undo.move()
  return { all, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

/** What a client is told: an address per service. The upstream is the gateway's own affair. */
export function endpointsOf(stack: Stack): Partial<Record<ServiceName, string>> {
  const endpoints: Partial<Record<ServiceName, string>> = {}
  for (const name of serviceNames) {
    const service = stack.services.get(name)
    if (service) endpoints[name] = service.url
  }
  return endpoints
}
