/** Every wait of a run has a limit. The defaults leave room for two slow cores; a test states tighter ones. */
import { z } from 'zod'

export const budgetsSchema = z.strictObject({
  /** From start of a service to its first good answer. The real LiteLLM needs most of it. */
  startMsMax: z.number().positive().default(120_000),
  /** For all services to be healthy before anything is harmed, and again after the last heal. */
  steadyStateMsMax: z.number().positive().default(20_000),
  /** From the heal of a fault to HEALTHY, and to the first operation that ends well (SCENARIOS A4: 10 s). */
  recoveryMsMax: z.number().positive().default(10_000),
  /** From the first effect of a fault to the client's noticing it. */
  detectionMsMax: z.number().positive().default(2_000),
  /** One operation, from handing in to the result; after that its end is unknown. */
  operationMsMax: z.number().positive().default(60_000),
  /** The whole workload. */
  workloadMsMax: z.number().positive().default(300_000),
  /** Undoing one fault. */
  healMsMax: z.number().positive().default(15_000),
  /** Taking everything down. */
  teardownMsMax: z.number().positive().default(30_000),
})
export type Budgets = z.infer<typeof budgetsSchema>
