/** A fault from the command line as a step of a plan, checked by the same schema and for the same reasons. */
import type { z } from 'zod'
import { type FaultStep, faultStepSchema } from '../spec/fault-plan.ts'
import { issueText } from '../spec/issue-text.ts'
import { ownPeers } from '../spec/peers.ts'
import { ownerOf } from '../spec/protocol-fault.ts'
import type { ServiceName } from '../spec/topology.ts'
import { flagOf } from './fault-flags.ts'
import { UsageError } from './usage-error.ts'

/** What a plan allows at most. */
const longestMs = 3_600_000

/** @throws UsageError with everything that is wrong. */
export function handStep(fault: unknown, on: ServiceName, forMs: number | undefined): FaultStep {
  const step = { when: { afterMs: 0 }, forMs: forMs ?? longestMs, on, fault }
  const read = faultStepSchema.safeParse(step, { error: issueText })
  if (!read.success) {
    const problems = read.error.issues.map(inWords)
    throw new UsageError(`Cannot inject into ${on}: ${problems.join('; ')}; see --help`)
  }
  const { fault: spec } = read.data
  if (spec.kind === 'protocol' && ownerOf(spec.point) !== on) {
    throw new UsageError(
      `Cannot inject into ${on}: ${spec.point} is a point of ${ownerOf(spec.point)}; name that service`,
    )
  }
  if (ownPeers(spec, [on]).length > 0) {
    throw new UsageError(`Cannot inject into ${on}: it cannot be its own peer; name another`)
  }
  return read.data
}

/** With the flag that it is about. */
function inWords({ path, message }: z.core.$ZodIssue): string {
  const [, field, ...parts] = path
  if (path[0] === 'forMs') return `--for: ${message}`
  if (field === undefined) return message
  const flag = `--${flagOf(String(field))}`
  if (parts.length === 0 && message.startsWith('is missing')) return `${flag} ${message}`
  return `${[flag, ...parts].join('.')}: ${message}`
}
