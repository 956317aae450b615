/** A time on the command line, always with its unit: 500ms, 30s, 2m, 1m30s. */
import { parseDuration } from '../environment/reaper/duration.ts'
import { UsageError } from './usage-error.ts'

/** In ms. @throws UsageError */
export function durationFlag(name: string, text: string): number {
  const ms = parseDuration(text)
  if (ms !== undefined) return ms
  throw new UsageError(`Cannot use --${name} ${text}: it is no time; write it like 500ms, 30s or 2m`)
}

/** For people: "30 s", "1 min 30 s", "59 min". */
export function inWords(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`
  if (seconds < 60) return `${seconds} s`
  const rest = seconds % 60
  return `${Math.floor(seconds / 60)} min${rest === 0 || seconds >= 600 ? '' : ` ${rest} s`}`
}
