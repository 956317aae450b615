/** Which harm is done to whom, and when. A step is plain data; `faults/catalog.ts` knows how to do it. */
import { z } from 'zod'
import { protocolFaultSchema } from './protocol-fault.ts'
import { serviceNames } from './topology.ts'

const killSignals = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGSEGV', 'SIGABRT'] as const

const faultSpecSchema = z.discriminatedUnion('kind', [
  /** Does nothing. The first test of every machine: a run that nothing happens to must pass. */
  z.strictObject({ kind: z.literal('noop') }),
  /** Ends the process with a signal; healing starts it again at the same address. */
  z.strictObject({ kind: z.literal('kill'), signal: z.enum(killSignals).default('SIGKILL') }),
  /** Freezes the process: connections stay open and silent. Healing thaws it. */
  z.strictObject({ kind: z.literal('pause') }),
  /** Breaks a twin at a fault point. */
  protocolFaultSchema,
])
export type FaultSpec = z.infer<typeof faultSpecSchema>
export type FaultKind = FaultSpec['kind']

/** How a fault is called in verdicts and reports: "kill of comfyui", "drop at comfyui.ws.status". */
export function faultName(fault: FaultSpec, on: string): string {
  return fault.kind === 'protocol' ? `${fault.action.kind} at ${fault.point}` : `${fault.kind} of ${on}`
}

/** Whether nothing of the service answers while the fault is in force. */
export function isOutage(fault: FaultSpec): boolean {
  return (
    fault.kind === 'kill' ||
    fault.kind === 'pause' ||
    (fault.kind === 'protocol' && fault.action.kind === 'crash')
  )
}

const momentSchema = z.union([
  /** After the workload began, ms. */
  z.strictObject({ afterMs: z.number().nonnegative().max(3_600_000) }),
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
])
export type Moment = z.infer<typeof momentSchema>

export const faultStepSchema = z.strictObject({
  when: momentSchema,
  /** How long the fault stays in force before it is healed, ms. */
  forMs: z.number().positive().max(3_600_000),
  on: z.enum(serviceNames),
  fault: faultSpecSchema,
})
export type FaultStep = z.infer<typeof faultStepSchema>
