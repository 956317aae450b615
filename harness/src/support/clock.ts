/**
 * Time. The only file of the harness with timers in it, so that waiting is never scattered over the code:
 * whoever waits for a condition uses `poll.ts`, whoever limits work uses `deadline.ts`, and both stand on this.
 */

/** Wall clock in ms since the epoch, with fractions; monotonic within one process. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now()
}

/** Calls `run` once after `ms`, unless disposed before. Keeps the process alive until then. */
export function after(ms: number, run: () => void): Disposable {
  // Node cuts fractions off, and what is left of a lease has one: it would end early.
  const timer = setTimeout(run, Math.ceil(ms))
  return { [Symbol.dispose]: () => clearTimeout(timer) }
}

/** Calls `run` each `ms` until disposed. Does not keep the process alive. */
export function every(ms: number, run: () => void): Disposable {
  const timer = setInterval(run, ms)
  timer.unref()
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

/**
 * Resolves after `ms`. For pacing (open-loop arrivals, a fault held for a time), not for hoping that something
 * has happened by then.
 * @throws the signal's reason when it is aborted before or meanwhile.
 */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason)
      return
    }
    const timer = after(ms, () => {
      signal?.removeEventListener('abort', abort)
      resolve()
    })
    function abort(): void {
      timer[Symbol.dispose]()
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', abort, { once: true })
  })
}
