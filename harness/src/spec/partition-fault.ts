/**
 * A cut between a service and others of its run, or everybody. Names of services stand for their addresses; what they
 * are is looked up when the fault begins.
 */
import { z } from 'zod'
import { serviceNames } from './topology.ts'

/** Units of a run that may be named besides the one that is harmed. `upstream` stands behind LiteLLM. */
export const unitNames = [...serviceNames, 'upstream'] as const
export type UnitName = (typeof unitNames)[number]

export const partitionFaultSchema = z.strictObject({
  kind: z.literal('partition'),
  /**
   * From whom it is cut off. `everybody` is whatever is not the service itself: the other services, and whoever comes
   * through its published ports, the harness with its clients and probes included.
   */
  from: z.union([z.literal('everybody'), z.array(z.enum(unitNames)).min(1).max(unitNames.length)], {
    error: `name everybody, or a list of ${unitNames.join(', ')}`,
  }),
  /** Connections that the service opens (`out`), that are opened to it (`in`), or every packet. */
  direction: z.enum(['in', 'out', 'both']).default('both'),
  /** `drop`: silence, as with a cable cut. `reject`: TCP is reset, everything else is told that nobody is there. */
  how: z.enum(['drop', 'reject']),
  /** It comes and goes: in force for this part of each period, the network normal for the rest. */
  flap: z
    .strictObject({ periodMs: z.int().min(50).max(600_000), dutyPercent: z.int().min(1).max(99) })
    .optional(),
})
export type PartitionFault = z.infer<typeof partitionFaultSchema>

/** "from upstream, reject out": what the fault is called. */
export function partitionInWords({ from, how, direction, flap }: PartitionFault): string {
  const whom = from === 'everybody' ? from : from.join(' and ')
  const comes = flap === undefined ? '' : `, ${flap.dutyPercent} % of every ${flap.periodMs} ms`
  return `from ${whom}, ${how}${direction === 'both' ? '' : ` ${direction}`}${comes}`
}

/** Whether nobody reaches the service at any time. */
export function isCutOff({ from, direction, flap }: PartitionFault): boolean {
  return from === 'everybody' && direction !== 'out' && flap === undefined
}
