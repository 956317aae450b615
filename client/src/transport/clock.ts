/** The only place of the client that sets timers. All waits are bounded and end when their signal does. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { ClientError } from '../errors.ts'

/** Resolves in the next turn of the event loop. */
export { nextTurn }

/** Monotonic time, ms. */
export function now(): number {
  return performance.now()
}

/** @throws the signal's reason if it ends the wait. */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error)
    const stop = () => {
      clearTimeout(timer)
      reject(signal.reason as Error)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal.addEventListener('abort', stop, { once: true })
  })
}

/** Runs something again and again until disposed. */
export function every(ms: number, run: () => void): Disposable {
  const timer = setInterval(run, ms)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

/**
 * A signal that ends with `signal` or after `ms`, whichever is first. Its reason is then a `ClientError` of class
 * `timeout` that names what was being done. Disposing stops the timer.
 */
export function deadline(
  ms: number,
  signal: AbortSignal,
  what: string,
): Disposable & { signal: AbortSignal } {
  const controller = new AbortController()
  const timer = setTimeout(() => {
    const message = `Cannot ${what}: not done within ${ms} ms; the service is slow or unreachable`
    controller.abort(new ClientError({ errorClass: 'timeout', code: 'deadline-passed', message }))
  }, ms)
  const follow = () => controller.abort(signal.reason)
  if (signal.aborted) follow()
  else signal.addEventListener('abort', follow, { once: true })
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', follow)
    },
  }
}

/** Settles as `work` does, or rejects with the signal's reason, even if `work` never looks at the signal. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason as Error)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
    const done = () => signal.removeEventListener('abort', stop)
    work.then(
      (value) => (done(), resolve(value)),
      (error: unknown) => (done(), reject(error as Error)),
    )
  })
}

/** True if `work` was done within `ms`, false if not yet. @throws the signal's reason, or what `work` throws. */
export async function doneWithin(work: Promise<unknown>, ms: number, signal: AbortSignal): Promise<boolean> {
  const timer = new AbortController()
  const late = wait(ms, AbortSignal.any([signal, timer.signal])).then(() => false)
  try {
    return await Promise.race([work.then(() => true), late])
  } finally {
    late.catch(() => {}) // its rejection is the clean-up below, or the one the race has already reported
    timer.abort()
  }
}
