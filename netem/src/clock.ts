/** Time. The only file of the package with timers in it; the packets' own clock is ppoll(2) in the worker. */

/** Resolves after `ms`; rejects with the signal's reason when that is aborted before. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason)
      return
    }
    const finish = (): void => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }
    const timer = setTimeout(finish, ms)
    const abort = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', abort, { once: true })
  })
}

/** Does the work again and again, until it is told to stop; it does not keep the process alive. */
export function every(ms: number, work: () => void): () => void {
  const timer = setInterval(work, ms)
  timer.unref()
  return () => clearInterval(timer)
}

/**
 * Looks every few ms until the condition holds. @param what completes "Cannot see that ..."
 * @throws Error when it does not hold within the budget
 */
export async function until(
  what: string,
  budgetMs: number,
  holds: () => boolean | Promise<boolean>,
): Promise<void> {
  const beganMs = performance.now()
  while (!(await holds())) {
    if (performance.now() - beganMs > budgetMs) {
      throw new Error(`Cannot see that ${what}: waited ${budgetMs} ms`)
    }
    await sleep(5)
  }
}

/** ms on a clock that only goes forward; for what is due within this process. */
export function nowMs(): number {
  return performance.now()
}

/** Calls `run` once after `ms`, unless disposed before. Keeps the process alive until then. */
export function after(ms: number, run: () => void): Disposable {
  const timer = setTimeout(run, ms)
  return { [Symbol.dispose]: () => clearTimeout(timer) }
}
