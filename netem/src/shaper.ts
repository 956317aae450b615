/** The contract of the rungs: a handle to what impairs one device. */
import type { Impairment } from './spec/impairment.ts'
import type { SettledImpairment } from './spec/settled-impairment.ts'

/** From the best to the last. */
export const rungs = ['kernel', 'userspace'] as const
export type Rung = (typeof rungs)[number]

/**
 * How the userspace rung gets at packets, from the best to the last. `tcx`: eBPF programs by links, since Linux 6.6,
 * which go with the process. `clsact`: the same as filters, which stay and wait for beats in vain. `nfqueue`: a queue
 * of the packet filter, where bpf(2) is refused.
 */
export const ways = ['tcx', 'clsact', 'nfqueue'] as const
export type Way = (typeof ways)[number]

/** A better rung, or a better way on the same rung, and why it was not taken. */
export type StepDown = { readonly rung: Rung; readonly way?: Way; readonly reason: string }

export type CounterName =
  /** Packets that an impairment was meant for. */
  | 'seen'
  /** Packets that no impairment was meant for; they went on untouched. */
  | 'passed'
  /** Held for a time. */
  | 'delayed'
  | 'lost'
  /** Dropped because the limit of held packets, or of their memory, was reached. */
  | 'overLimit'
  | 'duplicated'
  | 'corrupted'
  | 'reordered'
  /** Handed back to the device: what went on untouched and duplicates included. */
  | 'delivered'
  /** Could not be handed back. */
  | 'failed'
  | 'bytesSeen'
  /** Held at the moment, and at most so far. */
  | 'held'
  | 'heldMax'
  /** Handed back later than due: the worst case in microseconds, and how many were past `lateBoundMs`. */
  | 'lateMaxUs'
  | 'lateOverBound'
  /** Went by untouched, because the shaper was stopped or too busy to give a sign of life. */
  | 'slipped'

/**
 * What was done to the packets. The userspace rung counts everything; the kernel tells what is `seen`, `lost` (over
 * the limit included), `delivered`, `reordered` and `held`, and counts a duplicate as one more packet seen.
 */
export type Counts = { readonly seen: number; readonly lost: number } & {
  readonly [Name in CounterName]?: number
}

export type Shaper = {
  readonly rung: Rung
  readonly device: string
  /** On the userspace rung, once it is at work. */
  readonly way?: Way | undefined
  /** Why not a better way. */
  readonly steppedDown?: readonly StepDown[]
  /** Whether the seed fixes the draws: not with a kernel whose netem takes none. */
  readonly isSeeded: boolean
  /** Whether traffic passes within a second when the process is killed or stopped. */
  readonly failsOpen: boolean
  /** Resolves when it has gone, some time after `end`; rejects when it died by itself. */
  readonly gone: Promise<void>
  counts(): Promise<Counts>
  /** Replaces what is in force. One call at a time. @throws NetemError; the old stays in force */
  apply(impairments: readonly SettledImpairment[]): Promise<void>
  /** The network is normal again. */
  end(): Promise<void>
}

/** Why a rung cannot do it, for the ladder to step down; undefined when it can. */
export type WhyNot = (impairment: Impairment) => string | undefined
