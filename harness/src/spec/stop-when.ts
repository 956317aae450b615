/** When a run has seen enough harm: the first of these that the history shows ends it, and everything is healed. */
import { z } from 'zod'

const jobs = () => z.int().min(1).max(1_000_000)

export const stopWhenSchema = z
  .strictObject({
    /** So many jobs that a backend had accepted ended without a result. */
    jobsLost: jobs().optional(),
    /** So many jobs ended other than well. */
    jobsFailed: jobs().optional(),
    /** A client found a service unhealthy for so long without a break, ms. */
    unhealthyMs: z.number().positive().max(3_600_000).optional(),
  })
  .refine((stop) => Object.keys(stop).length > 0, { error: 'name at least one condition' })
export type StopWhen = z.infer<typeof stopWhenSchema>
