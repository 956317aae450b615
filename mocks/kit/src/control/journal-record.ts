/**
 * The last lines of the journal, for readers of the control port. Standard output stays the full record: this one
 * is bounded and lost with the process.
 */
import type { JournalLine } from '../journal.ts'

/** Journal lines kept in memory. */
const linesMax = 10_000

/** A part of the journal. */
export type JournalPart = {
  readonly lines: readonly JournalLine[]
  /** Give this as `after` to get what comes next. */
  readonly next: number
  /** Lines after `after` that are no longer kept. */
  readonly missed: number
}

/** Lines so far, numbered from 0. */
export type JournalRecord = {
  readonly add: (line: JournalLine) => void
  /** Lines from number `after` on. */
  readonly after: (after: number) => JournalPart
}

/** An empty record. */
export function createJournalRecord(): JournalRecord {
  let kept: JournalLine[] = []
  let dropped = 0
  return {
    add: (line) => {
      kept.push(line)
      if (kept.length < 2 * linesMax) return
      // In blocks, because moving the array for every line would cost more than the lines.
      dropped += kept.length - linesMax
      kept = kept.slice(-linesMax)
    },
    after: (after) => {
      const from = Math.max(after, dropped)
      return {
        lines: kept.slice(from - dropped),
        next: dropped + kept.length,
        missed: Math.max(0, dropped - after),
      }
    },
  }
}
