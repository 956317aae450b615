/** From what undici, the kernel or an HTTP status says to a class of `ClientError`. Matches codes, never messages. */
import { ClientError, publicText } from '../errors.ts'

/** The connection was never there, so the call was certainly not seen. */
const notReached = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** A failed call that never became an answer. `signal` is the one the call ran under. */
export function classifyHttpError(error: unknown, what: string, signal: AbortSignal): ClientError {
  if (error instanceof ClientError) return error
  if (signal.aborted) return abortedError(signal, what)
  const code = errorCode(error)
  if (notReached.has(code)) {
    const message = `Cannot ${what}: nobody answers there (${code}); is the service up?`
    return new ClientError({ errorClass: 'refused', code: 'connection-refused', message })
  }
  const message = `Cannot ${what}: the connection broke (${code}); the call may or may not have been seen`
  return new ClientError({ errorClass: 'network', code: 'connection-broken', message })
}

/** Why a signal ended: a deadline of ours, or the caller. */
export function abortedError(signal: AbortSignal, what: string): ClientError {
  const reason: unknown = signal.reason
  if (reason instanceof ClientError) return reason
  const timedOut = reason instanceof Error && reason.name === 'TimeoutError'
  if (timedOut) {
    const message = `Cannot ${what}: the caller's deadline passed; allow more time`
    return new ClientError({ errorClass: 'timeout', code: 'deadline-passed', message })
  }
  const message = `Cannot ${what}: the caller gave up; nothing to do`
  return new ClientError({ errorClass: 'aborted', code: 'aborted', message })
}

/**
 * An answer that is not a success. 408 is LiteLLM's word for a timeout of the provider; 502-504 come from a proxy
 * whose backend is away, which is worth as many retries as a refused connection.
 */
export function classifyStatus(
  status: number,
  what: string,
  details: string,
  retryAfter?: string,
): ClientError {
  const text = publicText(details)
  const message = `Cannot ${what}: answered ${status}${text === '' ? '' : ` (${text})`}; see the service's log`
  const code = `http-${status}`
  if (status === 429) {
    const retryAfterMs = parseRetryAfter(retryAfter)
    return new ClientError({
      errorClass: 'rate-limit',
      code,
      message,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    })
  }
  if (status === 408 || status === 504) return new ClientError({ errorClass: 'timeout', code, message })
  if (status >= 400 && status < 500) return new ClientError({ errorClass: 'validation', code, message })
  return new ClientError({ errorClass: 'server', code, message })
}

/** Seconds, possibly fractional. The HTTP date form is not used by any of the three services. */
function parseRetryAfter(value: string | undefined): number | undefined {
  const seconds = Number(value)
  return value === undefined || !Number.isFinite(seconds) || seconds < 0 ? undefined : seconds * 1_000
}

/** Node puts several refusals of one name (`localhost` = ::1 and 127.0.0.1) into one AggregateError with a code. */
function errorCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : 'unknown'
}
