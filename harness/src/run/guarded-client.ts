/**
 * A client behind limits: whatever a subject does not finish, is ended for it. The harness must come to a verdict and
 * clean up, also with a client that never answers.
 */
import type { Budgets } from '../spec/budgets.ts'
import { withDeadline } from '../support/deadline.ts'
import { messageOf, SquallError } from '../support/errors.ts'
import type { Log } from '../support/log.ts'
import type { ActiveSubject, Subject, SubjectOptions } from '../workload/subject.ts'

/** Looking for services is a handful of short calls. */
const discoverMsMax = 15_000

/** @throws SquallError `subject-failed` when the client does not start, or lacks a member of the contract. */
export async function startGuarded(
  subject: Subject,
  options: SubjectOptions,
  budgets: Budgets,
  log: Log,
): Promise<ActiveSubject> {
  const client = await withDeadline(budgets.steadyStateMsMax, `start client ${subject.name}`, async () =>
    subject.start(options),
  ).catch((error: unknown) => {
    throw new SquallError('subject-failed', `Cannot start client ${subject.name}: ${messageOf(error)}`, {
      cause: error,
    })
  })
  for (const member of ['discover', 'submit', 'follow', 'stats', Symbol.asyncDispose] as const) {
    if (typeof client?.[member] !== 'function') {
      throw new SquallError(
        'subject-failed',
        `Cannot use client ${subject.name}: it lacks ${String(member)}; add it`,
      )
    }
  }
  return {
    discover: () =>
      withDeadline(discoverMsMax, `discover services with ${subject.name}`, () => client.discover()),
    submit: (job, signal) => client.submit(job, signal),
    follow: (submitted, signal) => client.follow(submitted, signal),
    stats: () => client.stats(),
    [Symbol.asyncDispose]: async () => {
      const stopping = withDeadline(budgets.teardownMsMax, `stop client ${subject.name}`, async () =>
        client[Symbol.asyncDispose](),
      )
      // The verdict is about what happened before; a client that does not stop well is told, not judged.
      await stopping.catch((error: unknown) => log.warn(messageOf(error)))
    },
  }
}
