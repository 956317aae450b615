/** Picks the journal out of a twin's standard output. Other lines are somebody's log and none of our business. */
import type { Unit } from '../environment/engine.ts'
import type { JournalLine } from './service.ts'

/** Calls the listener for each journal line of the unit, those before the call included. */
export function followJournal(unit: Unit, listener: (line: JournalLine) => void): Disposable {
  return unit.onLine((line) => {
    if (line.stream !== 'stdout') return
    const parsed = parseJournalLine(line.text)
    if (parsed) listener(parsed)
  })
}

/** The journal line in this text, if it is one: a JSON object with a number `at` and a string `event`. */
export function parseJournalLine(text: string): JournalLine | undefined {
  if (!text.startsWith('{')) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { at, event, ...fields } = value as Record<string, unknown>
  return typeof at === 'number' && typeof event === 'string' ? { at, event, fields } : undefined
}
