/**
 * The reference client as a subject. The client's events and jobs have the same shape as the subject's, on purpose, but
 * neither package knows the other: should one change, this file stops compiling.
 */
import { type ClientEvent, JobClient } from '@squall/client'
import type { Subject, SubjectEvent, SubjectOptions } from '@squall/harness'

export const reference: Subject = {
  name: 'reference',
  start(options) {
    return Promise.resolve(startReference(options))
  },
}

function startReference(options: SubjectOptions): JobClient {
  const { endpoints, litellmKey, litellmModel, seed, healthIntervalMs } = options
  return new JobClient({
    endpoints,
    ...(litellmKey !== undefined && { litellmKey }),
    ...(litellmModel !== undefined && { litellmModel }),
    seed,
    healthIntervalMs,
    emit: (event) => options.emit(subjectEvent(event)),
  })
}

function subjectEvent(event: ClientEvent): SubjectEvent {
  return event
}
