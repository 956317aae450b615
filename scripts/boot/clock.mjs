/**
 * The only place under scripts/ that may use timers, so that every wait is easy to find. (Rule: docs of
 * `scripts/tidy/`; the harness has its own clock and must not be imported before it is installed.)
 */

/** Resolves after `ms` milliseconds. @param {number} ms */
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * Calls `run` each `ms` milliseconds without keeping the process alive. Returns the way to stop it.
 * @param {number} ms
 * @param {() => void} run
 */
export function every(ms, run) {
  const timer = setInterval(run, ms)
  timer.unref()
  return () => clearInterval(timer)
}

/**
 * Calls `run` once after `ms` milliseconds without keeping the process alive. Returns the way to stop it.
 * @param {number} ms
 * @param {() => void} run
 */
export function after(ms, run) {
  const timer = setTimeout(run, ms)
  timer.unref()
  return () => clearTimeout(timer)
}
