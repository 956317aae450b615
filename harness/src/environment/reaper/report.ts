/**
 * What the reaper did, as NDJSON on standard output: container logs are the only thing that survives it.
 * `message` is there for people and for testcontainers, which waits for "Started".
 */
import { nowMs } from '../../support/clock.ts'

export type Report = (event: string, fields?: Readonly<Record<string, unknown>>) => void

export function reportTo(write: (line: string) => void): Report {
  return (event, fields = {}) => write(`${JSON.stringify({ at: nowMs(), event, ...fields })}\n`)
}
