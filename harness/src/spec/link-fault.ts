/**
 * Harm to the connections of a service, done by a TCP proxy before it: netem's harm to a link, field by field, judged
 * by netem's parser.
 */
import { type LinkHarm, parseLinkHarm, writeLinkHarm } from '@squall/netem'
import { z } from 'zod'
import { messageOf } from '../support/errors.ts'

/** Its type is netem's; what it may be is judged below, all fields together. */
function field<Key extends keyof LinkHarm>(inHelp: string) {
  return z.custom<LinkHarm[Key]>().optional().describe(inHelp)
}

/** A field of netem's that is missing here does not compile. */
const harmFields = {
  direction: field<'direction'>('up, down, both; default "both"'),
  connections: field<'connections'>('open, new, all; default "all"'),
  probabilityPercent: field<'probabilityPercent'>('of connections'),
  seed: field<'seed'>('whole number'),
  delay: field<'delay'>('{"meanMs":…,"jitterMs":…,"distribution":…}'),
  rate: field<'rate'>('{"bitsPerSecond":…,"burstBytes":…}'),
  slice: field<'slice'>('{"bytes":…,"gapMs":…}'),
  slowClose: field<'slowClose'>('{"ms":…}'),
  stall: field<'stall'>('{} or {"afterBytes":…}'),
  cut: field<'cut'>('{} or {"afterBytes":…}'),
  reset: field<'reset'>('{}, {"afterBytes":…} or {"afterMs":…}'),
  refuse: field<'refuse'>('closed, reset'),
} satisfies { readonly [Key in keyof Required<LinkHarm>]: z.ZodType<LinkHarm[Key]> }

export const linkFaultSchema = z
  .strictObject({
    kind: z.literal('link'),
    ...harmFields,
    /** Which of the service's connections: those of its clients, or those to what stands behind it (litellm only). */
    toward: z.enum(['clients', 'upstream']).default('clients'),
  })
  .superRefine((fault, context) => {
    try {
      linkHarmOf(fault)
    } catch (error) {
      context.addIssue({ code: 'custom', message: messageOf(error) })
    }
  })
export type LinkFault = z.infer<typeof linkFaultSchema>

/** What netem is to do. @throws NetemError `bad-link` */
export function linkHarmOf({ kind: _kind, toward: _toward, ...harm }: LinkFault): LinkHarm {
  return parseLinkHarm(Object.fromEntries(Object.entries(harm).filter(([, value]) => value !== undefined)))
}

/** "delay 500ms down", "reset after 1000 bytes": what the fault is called. */
export function linkInWords(fault: LinkFault): string {
  const toward = fault.toward === 'upstream' ? ' toward upstream' : ''
  return `${writeLinkHarm(linkHarmOf(fault))}${toward}`
}

/** Whether no client gets any answer. Refused connections leave those that are open. */
export function isDeadLink({
  toward,
  stall,
  cut,
  reset,
  connections,
  probabilityPercent,
}: LinkFault): boolean {
  const [end] = [stall, cut, reset].filter((it) => it !== undefined)
  if (end === undefined || toward === 'upstream') return false
  const isAtOnce = Object.values(end).every((value) => value === undefined || value === 0)
  return isAtOnce && (connections ?? 'all') === 'all' && (probabilityPercent ?? 100) === 100
}
