/** What a client may tell. Anything else it emits never reaches the history: a client must not write its own evidence. */
import { z } from 'zod'
import { serviceNames } from '../spec/topology.ts'
import type { SubjectEvent } from './subject.ts'

const service = z.enum(serviceNames)

const subjectEventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('health'),
    service: z.enum([...serviceNames, 'system']),
    state: z.enum(['HEALTHY', 'UNHEALTHY']),
    reason: z.string().max(2000).optional(),
  }),
  z.object({
    type: z.literal('connection'),
    service,
    state: z.enum(['connecting', 'connected', 'disconnected', 'reconnecting']),
  }),
  z.object({
    type: z.literal('job'),
    service,
    jobId: z.string().max(500),
    what: z.enum(['started', 'progress', 'resubmitted', 'reconciled']),
    fraction: z.number().optional(),
    newJobId: z.string().max(500).optional(),
  }),
])

/** The event with nothing but its known fields, or undefined when it is none. */
export function parseSubjectEvent(event: unknown): SubjectEvent | undefined {
  const parsed = subjectEventSchema.safeParse(event)
  return parsed.success ? (parsed.data as SubjectEvent) : undefined
}
