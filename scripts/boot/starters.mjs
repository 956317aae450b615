/**
 * Who started this process, and whether they are still there. `kill -9` of npm tells its children nothing: a
 * shell and boot would go on for ever. Hence the process looks at its parent, and, where npm put a shell
 * between, at the shell's parent too.
 */
import { every } from './clock.mjs'
import { inspect, isAlive } from './processes.mjs'

/** How often we look. Four reads of /proc per second cost nothing measurable. */
const lookEachMs = 250

const shells = new Set([
  'sh',
  'dash',
  'bash',
  'ash',
  'zsh',
  'ksh',
  'busybox',
  '/bin/sh',
  '/bin/bash',
  '/bin/zsh',
])

/**
 * Calls `onGone` once, within about 0.3 s after the starter's end. A process that was an orphan from the
 * beginning (parent 0 or 1) has nobody to lose.
 * @param {() => void} onGone
 * @returns {() => void} stops looking
 */
export function watchStarters(onGone) {
  const parent = process.ppid
  const shell = inspect(parent)
  const viaShell =
    process.env.npm_lifecycle_event !== undefined && shell !== undefined && shells.has(shell.name)
  const starter = viaShell ? inspect(shell.parent) : undefined
  const stop = every(lookEachMs, () => {
    const parentGone = process.ppid !== parent || (parent > 1 && !isAlive(parent, shell?.startTime))
    const starterGone = starter !== undefined && !isAlive(starter.pid, starter.startTime)
    if (!parentGone && !starterGone) return
    stop()
    onGone()
  })
  return stop
}
