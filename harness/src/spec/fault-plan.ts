/** Which harm is done to whom, and when. A step is plain data; `faults/catalog.ts` knows how to do it. */
import { z } from 'zod'
import { blastRadiusSchema } from './blast-radius.ts'
import { dnsFaultSchema, dnsInWords } from './dns-fault.ts'
import { isDeadLink, linkFaultSchema, linkInWords } from './link-fault.ts'
import { momentSchema } from './moment.ts'
import { impairInWords, isBlackout, networkFaultSchema } from './network-fault.ts'
import { isCutOff, partitionFaultSchema, partitionInWords } from './partition-fault.ts'
import { ownDurationMs, processFaultSchemas } from './process-faults.ts'
import { protocolFaultSchema } from './protocol-fault.ts'
import { resourceFaultSchemas } from './resource-faults.ts'

export const faultSpecSchema = z.discriminatedUnion('kind', [
  /** Does nothing. The first test of every machine: a run that nothing happens to must pass. */
  z.strictObject({ kind: z.literal('noop') }),
  ...processFaultSchemas,
  ...resourceFaultSchemas,
  /** Impairs the packets of a service. */
  networkFaultSchema,
  /** Cuts a service off from others. */
  partitionFaultSchema,
  /** Makes names fail for a service. */
  dnsFaultSchema,
  /** Harms the connections of a service. */
  linkFaultSchema,
  /** Breaks a twin at a fault point. */
  protocolFaultSchema,
])
export type FaultSpec = z.infer<typeof faultSpecSchema>
export type FaultKind = FaultSpec['kind']

/** How a fault is called in verdicts and reports: "kill of comfyui", "network of comfyui: delay 500ms". */
export function faultName(fault: FaultSpec, on: string): string {
  if (fault.kind === 'protocol') return `${fault.action.kind} at ${fault.point}`
  if (fault.kind === 'link') return `link of ${on}: ${linkInWords(fault)}`
  if (fault.kind === 'partition') return `partition of ${on} ${partitionInWords(fault)}`
  if (fault.kind === 'dns') return `dns of ${on}: ${dnsInWords(fault)}`
  const more = fault.kind === 'network' ? `: ${impairInWords(fault.impair)}` : ''
  return `${fault.kind} of ${on}${more}`
}

/** Whether nothing of the service answers while the fault is in force. */
export function isOutage(fault: FaultSpec): boolean {
  return (
    ['kill', 'stop', 'restart', 'pause', 'crash-loop'].includes(fault.kind) ||
    (fault.kind === 'protocol' && fault.action.kind === 'crash') ||
    (fault.kind === 'network' && isBlackout(fault.impair)) ||
    (fault.kind === 'partition' && isCutOff(fault)) ||
    (fault.kind === 'link' && isDeadLink(fault))
  )
}

/** The claim of all that end or freeze a process. */
export const lifeClaim = 'life of the process'

/**
 * Faults of one claim on one target would undo each other, so only one may be in force. All that end or freeze a
 * process are of one claim, and so are all that stand in the way of its packets; a twin takes any number at its fault
 * points, and so does a link.
 */
export function claimOf(fault: FaultSpec): string | undefined {
  if (fault.kind === 'network') return 'packets'
  if (fault.kind === 'disk-full' || fault.kind === 'read-only') return 'data disk'
  if (fault.kind === 'link') return undefined
  if (fault.kind === 'partition') return fault.kind
  if (isOutage(fault) || fault.kind === 'memory') return lifeClaim
  return fault.kind === 'protocol' || fault.kind === 'noop' ? undefined : fault.kind
}

export const faultStepSchema = z
  .strictObject({
    when: momentSchema,
    /** How long the fault stays in force before it is healed, ms. One that ends by itself may be over sooner. */
    forMs: z.number().positive().max(3_600_000),
    /** Whom it hits: a service, several, or a number of them in words. */
    on: blastRadiusSchema,
    fault: faultSpecSchema,
  })
  .superRefine(({ fault, forMs, when }, context) => {
    const needMs = ownDurationMs(fault)
    if (needMs > 0 && forMs < needMs) {
      const message = `${fault.kind} takes ${needMs} ms, and would be healed before it is done; give more`
      context.addIssue({ code: 'custom', path: ['forMs'], message })
    }
    if ('everyMs' in when && forMs >= when.everyMs) {
      const message = `still in force when its next round begins, after ${when.everyMs} ms; give less`
      context.addIssue({ code: 'custom', path: ['forMs'], message })
    }
  })
export type FaultStep = z.infer<typeof faultStepSchema>
