/** Names of services that one service cannot look up, or only slowly; everybody else can. */
import { z } from 'zod'
import { unitNames } from './partition-fault.ts'

export const dnsFaultSchema = z.strictObject({
  kind: z.literal('dns'),
  names: z.array(z.enum(unitNames)).min(1).max(unitNames.length),
  /** There is no such name; the name server cannot tell; it does not answer; or it answers rightly and so much later. */
  failure: z.union(
    [z.enum(['nxdomain', 'servfail', 'silence']), z.strictObject({ slowMs: z.int().min(1).max(60_000) })],
    { error: 'name nxdomain, servfail, silence, or { "slowMs": MS } of 1 to 60000' },
  ),
})
export type DnsFault = z.infer<typeof dnsFaultSchema>

/** "nxdomain for upstream": what the fault is called. */
export function dnsInWords({ names, failure }: DnsFault): string {
  const how = typeof failure === 'string' ? failure : `${failure.slowMs} ms late`
  return `${how} for ${names.join(' and ')}`
}
