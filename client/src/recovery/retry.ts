/**
 * Which failures are tried again, and how. cockatiel does the trying; the classes decide:
 *   refused, network, timeout, 502/503/504   until the deadline: the backend is away and may come back
 *   rate-limit                                until the deadline, waiting at least what Retry-After says
 *   other 5xx                                 a few times: it can be permanent
 *   validation, execution, lost, aborted      never
 * Missing: a circuit breaker.
 */
import { handleWhen, type IBackoff, type IBackoffFactory, type IRetryBackoffContext, retry } from 'cockatiel'
import { ClientError, mayHaveArrived } from '../errors.ts'
import type { Limits } from '../limits.ts'
import { deadline, untilAborted } from '../transport/clock.ts'
import { abortedError } from '../transport/http-error.ts'
import { backoff } from './backoff.ts'

export type RetryOptions = {
  readonly limits: Limits
  readonly random: () => number
  /** Called before every repetition, for the statistics. */
  readonly onRetry: (error: ClientError) => void
}

/** Runs `attempt` until it succeeds, fails for good, or the deadline or signal ends it. */
export type Retrying = <T>(options: {
  /** For messages: "submit the prompt". */
  readonly what: string
  readonly deadlineMs: number
  readonly signal: AbortSignal
  readonly attempt: (signal: AbortSignal) => Promise<T>
}) => Promise<T>

export function retrying({ limits, random, onRetry }: RetryOptions): Retrying {
  return async ({ what, deadlineMs, signal, attempt }) => {
    using limit = deadline(deadlineMs, signal, what)
    let serverErrors = 0
    let last: ClientError | undefined
    let uncertain = false
    const policy = retry(
      handleWhen((error) => {
        if (!(error instanceof ClientError)) return false
        if (isPlainServerError(error)) serverErrors += 1
        return isRetryable(error) && serverErrors < limits.serverErrorAttemptsMax
      }),
      {
        maxAttempts: Number.POSITIVE_INFINITY, // the deadline bounds it
        backoff: atLeastRetryAfter(
          backoff({ msFirst: limits.retryMsFirst, msMax: limits.retryMsMax, random }),
        ),
      },
    ).dangerouslyUnref() // cockatiel does not cut its wait short when the signal ends; do not keep the process for it
    policy.onRetry((event) => {
      if (!('error' in event) || !(event.error instanceof ClientError)) return
      last = event.error
      uncertain ||= mayHaveArrived(event.error)
      onRetry(event.error)
    })
    const run = policy.execute(() => {
      limit.signal.throwIfAborted()
      return attempt(limit.signal)
    }, limit.signal)
    try {
      return await untilAborted(run, limit.signal)
    } catch (error) {
      if (!limit.signal.aborted) throw error
      throw withLastCause(abortedError(limit.signal, what), last, uncertain)
    }
  }
}

export function isRetryable(error: ClientError): boolean {
  if (error.final) return false
  const { errorClass } = error
  return (
    errorClass === 'refused' ||
    errorClass === 'network' ||
    errorClass === 'timeout' ||
    errorClass === 'rate-limit' ||
    errorClass === 'server'
  )
}

function isPlainServerError(error: ClientError): boolean {
  return error.errorClass === 'server' && error.code !== 'http-502' && error.code !== 'http-503'
}

/**
 * A deadline alone does not tell why; the last failure does. Its class is taken over as well, because "refused to the
 * end" is a certain "nothing happened", but not if any attempt may have arrived.
 */
function withLastCause(ended: ClientError, last: ClientError | undefined, uncertain: boolean): ClientError {
  if (last === undefined || ended.errorClass === 'aborted') return ended
  const { errorClass, code } = uncertain ? ended : last
  return new ClientError({ errorClass, code, message: `${ended.message}; last failure: ${last.message}` })
}

/** The longer of the exponential wait and what the service asked for. */
function atLeastRetryAfter(inner: IBackoffFactory<unknown>): IBackoffFactory<IRetryBackoffContext<unknown>> {
  return {
    next(context) {
      const step: IBackoff<unknown> = inner.next(context)
      const error = 'error' in context.result ? context.result.error : undefined
      const askedMs = error instanceof ClientError ? (error.retryAfterMs ?? 0) : 0
      return {
        duration: Math.max(step.duration, askedMs),
        next: (later) => atLeastRetryAfter(step).next(later),
      }
    },
  }
}
