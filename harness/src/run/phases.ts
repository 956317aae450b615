/**
 * The named stages of a run: each leaves its begin and end in the history and a line on the terminal, and every two
 * seconds in between a line on how far it has come.
 */
import type { Recorder } from '../history/recorder.ts'
import { every, nowMs } from '../support/clock.ts'
import { messageOf } from '../support/errors.ts'
import type { Log } from '../support/log.ts'

const tellEveryMs = 2_000

/** Runs one stage. Its error is recorded and thrown on. @param state How far it has come, in half a line. */
export async function phase<T>(
  recorder: Recorder,
  log: Log,
  name: string,
  work: () => Promise<T>,
  state: () => string = () => '',
): Promise<T> {
  const beganAt = nowMs()
  recorder.append({ type: 'phase', phase: name, what: 'begin' })
  using _telling = every(tellEveryMs, () => {
    log.progress(
      `  ${name.padEnd(14)} ${((nowMs() - beganAt) / 1000).toFixed(0).padStart(6)} s ... ${state()}`,
    )
  })
  try {
    const result = await work()
    recorder.append({ type: 'phase', phase: name, what: 'end' })
    log.progress(`  ${name.padEnd(14)} ${(nowMs() - beganAt).toFixed(0).padStart(6)} ms`)
    return result
  } catch (error) {
    recorder.append({ type: 'phase', phase: name, what: 'end', error: messageOf(error) })
    throw error
  }
}

/** "7 of 12 jobs ended, 5 open": the workload so far. */
export function workloadState(recorder: Recorder, planned: number): string {
  const operations = recorder.events().filter((event) => event.type === 'operation')
  const begun = operations.filter((event) => event.what === 'invoke').length
  const ended = operations.filter(
    (event) => event.what === 'ok' || event.what === 'fail' || event.what === 'info',
  )
  return `${ended.length} of ${planned} jobs ended, ${begun - ended.length} open`
}

/** "waiting for litellm": the services that were begun and do not answer yet. */
export function startState(recorder: Recorder, begun: readonly string[]): string {
  const ready = new Set(
    recorder.events().flatMap((event) => (event.type === 'service' ? [event.service as string] : [])),
  )
  const missing = begun.filter((service) => !ready.has(service))
  return missing.length === 0 ? '' : `waiting for ${missing.join(', ')}`
}
