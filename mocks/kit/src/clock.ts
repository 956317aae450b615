/**
 * Time for twins. Simulated work is multiplied by the time scale; heartbeats and other wall-clock habits of the
 * real server are not. This is the only file of the kit that calls timers.
 * Missing on purpose: pausing and stepping the clock by hand.
 */

/** Clock of one twin. */
export type VirtualClock = {
  /** Factor on every simulated duration: 1 = real time, 0.01 = hundred times faster, 0 = no waiting at all. */
  readonly timeScale: number
  /** Epoch milliseconds with fractions. Not scaled. */
  now(): number
  /** Waits `ms` simulated milliseconds. Rejects with the signal's reason as soon as the signal aborts. */
  wait(ms: number, signal?: AbortSignal): Promise<void>
  /** Waits `ms` real milliseconds. Ends early when `early` aborts, rejects when `signal` does. */
  waitReal(ms: number, signal?: AbortSignal, early?: AbortSignal): Promise<void>
  /** Calls `run` every `ms` real milliseconds until disposed. Does not keep the process alive. */
  every(ms: number, run: () => void): Disposable
}

/** Epoch milliseconds with fractions; steady, because it counts from the start of the process. */
export function epochMs(): number {
  return performance.timeOrigin + performance.now()
}

/** Builds the clock of one twin. `timeScale` must be finite and not negative. */
export function createClock(timeScale: number): VirtualClock {
  return {
    timeScale,
    now: epochMs,
    wait: (ms, signal) => waitReal(ms * timeScale, signal),
    waitReal,
    every: (ms, run) => {
      const timer = setInterval(run, ms)
      timer.unref()
      return { [Symbol.dispose]: () => clearInterval(timer) }
    },
  }
}

function waitReal(ms: number, signal?: AbortSignal, early?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason)
      return
    }
    const finish = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      early?.removeEventListener('abort', finish)
      resolve()
    }
    const abort = (): void => {
      clearTimeout(timer)
      early?.removeEventListener('abort', finish)
      reject(signal?.reason)
    }
    const timer = setTimeout(finish, ms)
    signal?.addEventListener('abort', abort, { once: true })
    early?.addEventListener('abort', finish, { once: true })
    if (early?.aborted) finish()
  })
}
