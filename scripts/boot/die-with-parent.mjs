/**
 * The child's half of "nothing outlives its starter": when the parent is gone, this process ends itself, politely
 * first, so that it can heal and clean up. Boot's half is `starters.mjs`.
 */
import { after } from './clock.mjs'
import { inspect } from './processes.mjs'
import { watchStarters } from './starters.mjs'

/** How long the process may clean up after SIGTERM. Short: the reaper of a run cleans up better, and waits for this. */
const graceMs = 300

/** Marks, process-wide, that the watch is on: the preload and the script may both ask for it. */
const onceKey = Symbol.for('dev.squall.die-with-parent')

/**
 * Watches the parent. On its death: SIGTERM to this process, and soon after SIGKILL to it and, where it leads a
 * process group, to the whole group. Calling it twice is the same as once.
 */
export function dieWithParent() {
  const marks = /** @type {Record<symbol, boolean>} */ (/** @type {unknown} */ (globalThis))
  if (marks[onceKey]) return
  marks[onceKey] = true
  watchStarters(() => {
    after(graceMs, () => process.kill(leadsGroup() ? -process.pid : process.pid, 'SIGKILL'))
    process.kill(process.pid, 'SIGTERM')
  })
}

function leadsGroup() {
  return process.platform !== 'win32' && inspect(process.pid)?.group === process.pid
}
