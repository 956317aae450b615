/**
 * Virtual users that hand in the next job when the last one ended. Emits one event per step of each operation;
 * never throws for what a backend does: that is what the history is for.
 */
import { createHash } from 'node:crypto'
import type { Budgets } from '../spec/budgets.ts'
import { type JobKind, serviceOfJob, type WorkloadPlan } from '../spec/workload-plan.ts'
import { nowMs } from '../support/clock.ts'
import { deadline } from '../support/deadline.ts'
import { messageOf } from '../support/errors.ts'
import { subSeed } from '../support/random.ts'
import { makeJob } from './jobs.ts'
import { type FailureClass, failureClasses, type OperationEvent, outcomeOf } from './operation.ts'
import type { ActiveSubject } from './subject.ts'

export type WorkloadOptions = {
  readonly plan: WorkloadPlan
  readonly seed: number
  readonly budgets: Budgets
  /** The clients the users share, in turn. */
  readonly clients: readonly ActiveSubject[]
  readonly emit: (event: OperationEvent) => void
  readonly signal: AbortSignal
}

/** Resolves when every user is done. Users stop early when the signal is aborted. */
export async function runClosedLoop(options: WorkloadOptions): Promise<void> {
  await Promise.all(Array.from({ length: options.plan.users }, (_, user) => runUser(options, user)))
}

async function runUser(options: WorkloadOptions, user: number): Promise<void> {
  const clientIndex = user % options.clients.length
  const client = options.clients[clientIndex]
  if (client === undefined) throw new Error('a workload needs at least one client')
  if (options.plan.discoverFirst) await discover(options, client, user)
  for (let index = 0; index < options.plan.jobsPerUser; index++) {
    if (options.signal.aborted) return
    const kind = options.plan.mix[(user + index) % options.plan.mix.length] as JobKind
    const op = `u${user}.${index}`
    options.emit({ what: 'invoke', op, user, client: clientIndex, kind, service: serviceOfJob[kind] })
    await runOperation(options, client, op, kind)
  }
}

async function discover(options: WorkloadOptions, client: ActiveSubject, user: number): Promise<void> {
  const beganAt = nowMs()
  const found = await client.discover().catch(() => [])
  const missing = found.filter((entry) => entry.state !== 'connected').map((entry) => entry.service)
  options.emit({ what: 'discovered', user, ms: nowMs() - beganAt, missing })
}

async function runOperation(
  options: WorkloadOptions,
  client: ActiveSubject,
  op: string,
  kind: JobKind,
): Promise<void> {
  const beganAt = nowMs()
  using limit = deadline(options.budgets.operationMsMax, `finish operation ${op}`, options.signal)
  try {
    const job = makeJob(kind, subSeed(options.seed, `workload/${op}`))
    const submitted = await limit.race(client.submit(job, limit.signal))
    const jobId: unknown = submitted?.jobId
    if (typeof jobId !== 'string' || jobId === '') throw new Error('the client returned no job id')
    options.emit({ what: 'accepted', op, jobId, ms: nowMs() - beganAt })
    const result = await limit.race(client.follow(submitted, limit.signal))
    const outputs = result.outputs.map((output) => ({
      mediaType: output.mediaType,
      bytes: output.bytes.length,
      sha256: createHash('sha256').update(output.bytes).digest('hex'),
    }))
    options.emit({ what: 'ok', op, ms: nowMs() - beganAt, outputs })
  } catch (error) {
    const failure = limit.signal.aborted ? 'timeout' : failureClassOf(error)
    const ended = { op, ms: nowMs() - beganAt, error: { class: failure, message: messageOf(error) } }
    options.emit({ what: outcomeOf(failure), ...ended })
  }
}

/** What a subject says of its own error; an error that says nothing is of class `unknown`. */
function failureClassOf(error: unknown): FailureClass {
  const said =
    typeof error === 'object' && error !== null && 'failureClass' in error ? error.failureClass : undefined
  return failureClasses.find((known) => known === said) ?? 'unknown'
}
