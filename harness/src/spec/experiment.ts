/**
 * The whole declared run as plain data: what runs, who uses it, what breaks, what must hold.
 * The same schema reads TypeScript (`defineExperiment`), YAML and JSON.
 */
import { z } from 'zod'
import { budgetsSchema } from './budgets.ts'
import { faultStepSchema } from './fault-plan.ts'
import { stopWhenSchema } from './stop-when.ts'
import { serviceNames, topologySchema } from './topology.ts'
import { workloadPlanSchema } from './workload-plan.ts'

/** Checks by name, because the run folder stores names; `verdict/catalog.ts` knows the functions. */
export const checkNames = [
  'no-lost-jobs',
  'outputs-intact',
  'makes-progress',
  'recovers-within',
  'fault-was-felt',
] as const
export type CheckName = (typeof checkNames)[number]

export const experimentSchema = z.strictObject({
  title: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .regex(/^\P{Cc}*$/u, { error: 'no control characters, please' }),
  /** Fixes every draw of the run: jobs, jitter, twins. */
  seed: z.int().min(0).max(0xffff_ffff).default(1),
  topology: topologySchema,
  /** Multiplies every simulated duration of the twins: 0.05 turns a 3 s render into 150 ms. */
  timeScale: z.number().positive().max(10).default(0.05),
  /** Time between two health probes of the client, ms. */
  healthIntervalMs: z.number().min(50).max(60_000).default(500),
  workload: workloadPlanSchema,
  faults: z.array(faultStepSchema).max(100).default([]),
  /** How many services may be under a fault at the same time; default: all. */
  blastRadiusMax: z.int().min(1).max(serviceNames.length).optional(),
  /** Ends the run early and heals everything as soon as one of these is met. */
  stopWhen: stopWhenSchema.optional(),
  budgets: budgetsSchema.default(() => budgetsSchema.parse({})),
  /** Default: all that apply. Leaving one out is done by listing the others. */
  checks: z.array(z.enum(checkNames)).min(1).optional(),
})

/** A complete experiment: validated, every default filled in. */
export type Experiment = z.infer<typeof experimentSchema>
/** What people write; defaults may be left out. */
export type ExperimentInput = z.input<typeof experimentSchema>
