/** What the virtual users do. Closed loop: each user hands in the next job when the last one ended. */
import { z } from 'zod'
import type { ServiceName } from './topology.ts'

const jobKinds = ['image', 'text', 'video'] as const
export type JobKind = (typeof jobKinds)[number]

/** Which backend makes which kind of media. */
export const serviceOfJob: Readonly<Record<JobKind, ServiceName>> = {
  image: 'comfyui',
  text: 'litellm',
  video: 'wan2gp',
}

export const workloadPlanSchema = z.strictObject({
  kind: z.literal('closed-loop'),
  /** Virtual users at the same time. 1,000 is what one machine of two cores carries. */
  users: z.int().min(1).max(1000),
  jobsPerUser: z.int().min(1).max(10_000),
  /** How many separate clients the users share. One client = one set of pools and sockets. */
  clients: z.int().min(1).max(1000).default(1),
  /** Kinds of job, dealt to users in turn: user 0 starts with the first, user 1 with the second, and so on. */
  mix: z.array(z.enum(jobKinds)).min(1),
  /** Each user looks for the services before its first job. */
  discoverFirst: z.boolean().default(false),
})
export type WorkloadPlan = z.infer<typeof workloadPlanSchema>
