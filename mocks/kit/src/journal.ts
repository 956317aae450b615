/**
 * The journal: what the twin itself says happened, one JSON line per event on stdout. The harness compares it
 * with what clients claim, so lines must survive SIGKILL: they are written at once, without a buffer of our own.
 */
import { epochMs } from './clock.ts'

/** One line: `at` in epoch milliseconds with fractions, the event name, and the fields of that event. */
export type JournalLine = { readonly at: number; readonly event: string } & Readonly<Record<string, unknown>>

/** Writes one event. Agreed names: job-accepted, job-started, job-finished, output, client-connected, client-disconnected. */
export type Journal = (event: string, fields?: Readonly<Record<string, unknown>>) => void

/** Builds a journal that hands each finished line to `take`. */
export function createJournal(take: (line: JournalLine) => void): Journal {
  return (event, fields = {}) => take({ at: epochMs(), event, ...fields })
}

/**
 * Writes lines to stdout. Node writes to pipes and files synchronously on Linux, so a line is out when this
 * returns. A reader that went away ends the process: a twin nobody watches must not linger.
 */
export function stdoutLines(): (line: object) => void {
  process.stdout.on('error', () => process.exit(1))
  return (line) => void process.stdout.write(`${JSON.stringify(line)}\n`)
}
