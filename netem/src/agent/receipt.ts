/** The lines that the agent prints: JSON, one each. */
import type { NetemErrorCode } from '../errors.ts'
import type { Ladder } from '../rung/ladder.ts'
import type { Finding } from '../rung/probe.ts'
import type { Counts, Rung, StepDown, Way } from '../shaper.ts'
import type { SettledImpairment } from '../spec/settled-impairment.ts'
import { writeImpairment } from '../spec/write-text.ts'
import { lateBoundMs } from '../userspace/counters.ts'

/** Evidence of what impairments did, from when they came into force. */
export type Receipt = {
  readonly rung: Rung
  /** How the userspace rung gets at packets. */
  readonly way?: Way
  /** The better rungs and ways, and why they were not taken. */
  readonly steppedDown: readonly StepDown[]
  readonly device: string
  /** Whether the seeds below fix the draws: not with a kernel whose netem takes none. */
  readonly isSeeded: boolean
  /** Whether traffic passes within a second when the agent is killed or stopped. */
  readonly failsOpen: boolean
  /** With their seeds, as text; the same text with the same traffic does the same again. */
  readonly impairments: readonly string[]
  /** Counters when they came into force, and now. */
  readonly before: Counts
  readonly after: Counts
  /**
   * Packets handed back later than `boundMs` after they were due. With any, delays were not what was asked for.
   * The kernel does not tell.
   */
  readonly late?: { readonly packets: number; readonly maxMs: number; readonly boundMs: number }
}

export type AgentEvent =
  /** Everything is started and nothing is in force yet. */
  | { readonly event: 'ready'; readonly device: string; readonly pid: number }
  /** What this machine can do; the answer to `--probe`. */
  | { readonly event: 'probed'; readonly findings: readonly Finding[] }
  /** What a dead agent had left is taken off; the answer to `--heal`. */
  | { readonly event: 'healed'; readonly device: string; readonly removed: readonly string[] }
  | ({ readonly event: 'applied'; readonly tookMs: number } & Receipt)
  | ({ readonly event: 'report' } & Receipt)
  /** Impairments are no longer in force, because of `reason`. */
  | ({ readonly event: 'ended'; readonly reason: EndReason } & Receipt)
  | { readonly event: 'refused'; readonly code: NetemErrorCode; readonly message: string }

export type EndReason = 'replaced' | 'end of input' | 'signal'

export function receiptOf(
  shaper: Pick<Ladder, 'rung' | 'way' | 'device' | 'isSeeded' | 'failsOpen' | 'steppedDown'>,
  impairments: readonly SettledImpairment[],
  before: Counts,
  after: Counts,
): Receipt {
  const { rung, way, steppedDown, device, isSeeded, failsOpen } = shaper
  const { lateOverBound, lateMaxUs } = after
  return {
    rung,
    ...(way !== undefined && { way }),
    steppedDown,
    device,
    isSeeded,
    failsOpen,
    impairments: impairments.map(writeImpairment),
    before,
    after,
    ...(lateOverBound !== undefined && {
      late: {
        packets: lateOverBound - (before.lateOverBound ?? 0),
        maxMs: (lateMaxUs ?? 0) / 1000,
        boundMs: lateBoundMs,
      },
    }),
  }
}
