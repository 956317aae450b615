/** The lines that the agent prints: JSON, one each. */
import type { NetemErrorCode } from '../errors.ts'
import { writeImpairment } from '../spec/write-text.ts'
import { type Counts, lateBoundMs } from '../userspace/counters.ts'
import type { SettledImpairment } from '../userspace/settled-impairment.ts'

/** Evidence of what impairments did, from when they came into force. */
export type Receipt = {
  readonly rung: 'userspace'
  readonly device: string
  /** With their seeds, as text; the same text with the same traffic does the same again. */
  readonly impairments: readonly string[]
  /** Counters when they came into force, and now. */
  readonly before: Counts
  readonly after: Counts
  /** Packets handed back later than `boundMs` after they were due. With any, delays were not what was asked for. */
  readonly late: { readonly packets: number; readonly maxMs: number; readonly boundMs: number }
}

export type AgentEvent =
  /** The worker is there; nothing is in force yet. */
  | { readonly event: 'ready'; readonly device: string; readonly pid: number }
  | ({ readonly event: 'applied'; readonly tookMs: number } & Receipt)
  | ({ readonly event: 'report' } & Receipt)
  /** Impairments are no longer in force, because of `reason`. */
  | ({ readonly event: 'ended'; readonly reason: EndReason } & Receipt)
  | { readonly event: 'refused'; readonly code: NetemErrorCode; readonly message: string }

export type EndReason = 'replaced' | 'end of input' | 'signal'

export function receiptOf(
  device: string,
  impairments: readonly SettledImpairment[],
  before: Counts,
  after: Counts,
): Receipt {
  return {
    rung: 'userspace',
    device,
    impairments: impairments.map(writeImpairment),
    before,
    after,
    late: {
      packets: after.lateOverBound - before.lateOverBound,
      maxMs: after.lateMaxUs / 1000,
      boundMs: lateBoundMs,
    },
  }
}
