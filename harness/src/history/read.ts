/** Reads a stored history back, for `squall replay`. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { messageOf, SquallError } from '../support/errors.ts'
import { type HistoryEvent, historyVersion } from './event.ts'
import { inOrder } from './recorder.ts'

/**
 * The events of an NDJSON file, in order of time. A last line that a crash cut short is dropped.
 * @throws SquallError `bad-history` with the line number.
 */
export function readHistory(file: string): readonly HistoryEvent[] {
  const lines = readText(file).split('\n')
  const events: HistoryEvent[] = []
  for (const [index, line] of lines.entries()) {
    if (line === '') continue
    const event = parseEvent(line)
    if (event) events.push(event)
    else if (index < lines.length - 1) {
      throw new SquallError(
        'bad-history',
        `Cannot read ${file}: line ${index + 1} is not an event; restore the file`,
      )
    }
  }
  const begin = events.find((event) => event.type === 'run')
  if (begin && begin.version !== historyVersion) {
    throw new SquallError(
      'bad-history',
      `Cannot read ${file}: version ${begin.version}, this Squall reads ${historyVersion}; use the Squall that wrote it`,
    )
  }
  return inOrder(events)
}

/** SHA-256 of a stored history, in hex: the verdict keeps it, so that damage is seen. */
export function hashOf(file: string): string {
  return createHash('sha256').update(readText(file)).digest('hex')
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new SquallError('bad-history', `Cannot read ${file}: ${messageOf(error)}; name the folder of a run`)
  }
}

function parseEvent(line: string): HistoryEvent | undefined {
  try {
    const value: unknown = JSON.parse(line)
    const fields = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
    const isEvent =
      typeof fields.type === 'string' && typeof fields.at === 'number' && typeof fields.seq === 'number'
    return isEvent ? (value as HistoryEvent) : undefined
  } catch {
    return undefined
  }
}
