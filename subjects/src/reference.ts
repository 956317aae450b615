/**
 * The reference client as a subject. The client's events and jobs have the same shape as the subject's, on purpose, but
 * neither package knows the other: should one change, this file stops compiling.
 */
import { ClientError, type ClientEvent, JobClient } from '@squall/client'
import type { ActiveSubject, Subject, SubjectEvent, SubjectOptions } from '@squall/harness'

export const reference: Subject = {
  name: 'reference',
  start(options) {
    return Promise.resolve(startReference(options))
  },
}

function startReference(options: SubjectOptions): ActiveSubject {
  const { endpoints, litellmKey, litellmModel, seed, healthIntervalMs } = options
  const client = new JobClient({
    endpoints,
    ...(litellmKey !== undefined && { litellmKey }),
    ...(litellmModel !== undefined && { litellmModel }),
    seed,
    healthIntervalMs,
    emit: (event) => options.emit(subjectEvent(event)),
  })
  return {
    discover: () => client.discover(),
    submit: (job, signal) => client.submit(job, signal).catch(withFailureClass),
    follow: (submitted, signal) => client.follow(submitted, signal).catch(withFailureClass),
    stats: () => client.stats(),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  }
}

/** The harness asks every client for a `failureClass`; this client calls the same thing `errorClass`. */
function withFailureClass(error: unknown): never {
  throw error instanceof ClientError ? Object.assign(error, { failureClass: error.errorClass }) : error
}

function subjectEvent(event: ClientEvent): SubjectEvent {
  return event
}
