/** When a run has seen enough harm: the first of these that the history shows ends it, and everything is healed. */
import { z } from 'zod'

/**
 * Checks that can fail before a run is over: what they find about one operation that has ended cannot become good
 * again. The others ask what is still to come.
 */
const earlyCheckNames = ['no-lost-jobs', 'outputs-intact'] as const
export type EarlyCheckName = (typeof earlyCheckNames)[number]

const jobs = () => z.int().min(1).max(1_000_000)

export const stopWhenSchema = z
  .strictObject({
    /** So many jobs that a backend had accepted ended without a result. */
    jobsLost: jobs().optional(),
    /** So many jobs ended other than well. */
    jobsFailed: jobs().optional(),
    /** A client found a service unhealthy for so long without a break, ms. */
    unhealthyMs: z.number().positive().max(3_600_000).optional(),
    /** One of these checks fails on an operation that has ended. */
    checks: z
      .array(
        z.enum(earlyCheckNames, {
          error: `cannot be judged before the run is over; name ${earlyCheckNames.join(' or ')}`,
        }),
      )
      .min(1)
      .optional(),
  })
  .refine((stop) => Object.keys(stop).length > 0, { error: 'name at least one condition' })
export type StopWhen = z.infer<typeof stopWhenSchema>
