/** Every wait of a run has a limit. The defaults leave room for two slow cores; a test states tighter ones. */
import { z } from 'zod'

/** Timers count to 2^31 ms; a day is enough for any run. */
const limit = () => z.int().positive().max(86_400_000)

export const budgetsSchema = z.strictObject({
  /** From start of a service to its first good answer. The real LiteLLM needs most of it. */
  startMsMax: limit().default(120_000),
  /** For all services to be healthy before anything is harmed, and again after the last heal. */
  steadyStateMsMax: limit().default(20_000),
  /** From the heal of a fault to HEALTHY, and to the first operation that ends well (SCENARIOS A4: 10 s). */
  recoveryMsMax: limit().default(10_000),
  /**
   * From the first effect of a fault to the client's noticing it. A service that is silent, as when it is paused, is
   * noticed only when a probe gives up: 3 s in the reference client, after up to 1 s until the probe.
   */
  detectionMsMax: limit().default(6_000),
  /** One operation, from handing in to the result; after that its end is unknown. */
  operationMsMax: limit().default(60_000),
  /** The whole workload. */
  workloadMsMax: limit().default(300_000),
  /** Undoing one fault. */
  healMsMax: limit().default(15_000),
  /** Stopping one client. */
  teardownMsMax: limit().default(30_000),
})
export type Budgets = z.infer<typeof budgetsSchema>
