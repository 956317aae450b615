/** The named stages of a run: each leaves its begin and end in the history and a line on the terminal. */
import type { Recorder } from '../history/recorder.ts'
import { nowMs } from '../support/clock.ts'
import { messageOf } from '../support/errors.ts'
import type { Log } from '../support/log.ts'

/** Runs one stage. Its error is recorded and thrown on. */
export async function phase<T>(
  recorder: Recorder,
  log: Log,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  const beganAt = nowMs()
  recorder.append({ type: 'phase', phase: name, what: 'begin' })
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
