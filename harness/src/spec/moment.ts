/** When a step of the fault plan begins: at a time, after something in the history, after another step, or again and again. */
import { z } from 'zod'

const ms = () => z.number().nonnegative().max(3_600_000)

/** Events of the history that a moment can wait for; `history/event.ts` has their fields. */
const eventTypes = ['journal', 'operation', 'health', 'job', 'fault', 'service'] as const

const momentSchemas = [
  /** After the workload began, ms. */
  z.strictObject({ afterMs: ms() }),
  /** Again and again, until the workload is over or it was done `times` times. */
  z.strictObject({
    everyMs: z.number().min(10).max(3_600_000),
    fromMs: ms().default(0),
    times: z.int().min(1).max(1000).optional(),
  }),
  /** When that step of the plan (counted from 0, and before this one) was healed everywhere. */
  z.strictObject({ afterStep: z.int().nonnegative(), delayMs: ms().default(0) }),
  /** After the nth event of the history that has all these fields. */
  z.strictObject({
    event: z.object({ type: z.enum(eventTypes) }).catchall(z.union([z.string(), z.number(), z.boolean()])),
    nth: z.int().min(1).max(1_000_000).default(1),
    delayMs: ms().default(0),
  }),
  /** As soon as the history shows all of this about the target. */
  z
    .strictObject({
      /** Jobs that the backend began and that have not ended. */
      jobsRunning: z.int().nonnegative().optional(),
      /** Jobs that were accepted and that wait. */
      jobsQueued: z.int().nonnegative().optional(),
      /** Operations that ended well. */
      jobsDone: z.int().nonnegative().optional(),
    })
    .refine((condition) => Object.keys(condition).length > 0, { error: 'name at least one condition' }),
] as const

export const momentSchema = z.union(momentSchemas, {
  error:
    'give one of { afterMs }, { everyMs, fromMs, times }, { afterStep, delayMs }, { event, nth, delayMs }, { jobsRunning, jobsQueued, jobsDone }',
})
export type Moment = z.infer<typeof momentSchema>
export type JobsMoment = z.infer<(typeof momentSchemas)[4]>
export type EventMoment = z.infer<(typeof momentSchemas)[3]>

/** In words: "after 2000 ms", "every 500 ms", "when 1 job runs and 4 wait". */
export function momentInWords(moment: Moment): string {
  if ('afterMs' in moment) return `after ${moment.afterMs} ms`
  if ('everyMs' in moment) {
    const times = moment.times === undefined ? '' : `, ${moment.times} times`
    return `every ${moment.everyMs} ms from ${moment.fromMs} ms on${times}`
  }
  if ('afterStep' in moment) return `${delay(moment.delayMs)}after step ${moment.afterStep} is healed`
  if ('event' in moment) {
    const fields = Object.entries(moment.event).map(([name, value]) => `${name} ${value}`)
    return `${delay(moment.delayMs)}after event ${moment.nth} of ${fields.join(', ')}`
  }
  const parts = [
    ...(moment.jobsRunning === undefined ? [] : [`${moment.jobsRunning} running`]),
    ...(moment.jobsQueued === undefined ? [] : [`${moment.jobsQueued} queued`]),
    ...(moment.jobsDone === undefined ? [] : [`${moment.jobsDone} done`]),
  ]
  return `when its jobs are ${parts.join(', ')}`
}

function delay(ms: number): string {
  return ms === 0 ? '' : `${ms} ms `
}
