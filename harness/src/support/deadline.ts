/**
 * A limit on one piece of work, with a name, so that an expired budget says which phase consumed it.
 * Teardown and healing take a fresh deadline of their own; they never inherit one that has passed.
 */
import { after, nowMs } from './clock.ts'
import { SquallError } from './errors.ts'

/** The work was not done within its budget. Code `deadline`. */
export class DeadlineError extends SquallError {
  readonly budgetMs: number

  constructor(what: string, budgetMs: number) {
    super('deadline', `Cannot ${what}: not done after ${Math.round(budgetMs)} ms`)
    this.budgetMs = budgetMs
  }
}

export type Deadline = Disposable & {
  /** Aborted with a DeadlineError when the time is up, or with the reason of the outer signal. */
  readonly signal: AbortSignal
  remainingMs(): number
  /**
   * The result of the work, or the reason of the signal, whichever is first. The work itself goes on unless it
   * heeds the signal; its late failure is ignored.
   */
  race<T>(work: Promise<T>): Promise<T>
}

/**
 * Starts the clock at once; dispose (`using`) to stop it.
 * @param what completes the sentence "Cannot ...", e.g. "stop comfyui".
 * @param outer cancels earlier than the time limit.
 */
export function deadline(ms: number, what: string, outer?: AbortSignal): Deadline {
  const endsAt = nowMs() + ms
  const controller = new AbortController()
  const timer = after(ms, () => controller.abort(new DeadlineError(what, ms)))
  const signal = outer ? AbortSignal.any([outer, controller.signal]) : controller.signal
  return {
    signal,
    remainingMs: () => Math.max(0, endsAt - nowMs()),
    race: (work) => raceSignal(work, signal),
    [Symbol.dispose]: () => timer[Symbol.dispose](),
  }
}

/** Runs the work under a deadline of its own. @throws DeadlineError when the time is up. */
export async function withDeadline<T>(
  ms: number,
  what: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  using limit = deadline(ms, what)
  return await limit.race(work(limit.signal))
}

/** The result of the work, or the reason of the signal, whichever is first. */
export function raceSignal<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
