/**
 * The one error type that leaves the client. Callers match `errorClass` (which rule applies) and `code` (what
 * exactly), never the text. An error carries no inner error and no inner stack: those hold addresses, headers and
 * paths that are nobody's business outside.
 */

/** Which rule of handling applies. `validation` and `execution` are never retried. */
export type ErrorClass =
  /** The connection broke; whether the other side saw the call is unknown. */
  | 'network'
  /** A deadline passed. */
  | 'timeout'
  /** Nobody listens there, or it was not reached at all; the call was certainly not seen. */
  | 'refused'
  /** The service answered that it failed (5xx), or answered nonsense. */
  | 'server'
  /** 429; `retryAfterMs` is set if the service said so. */
  | 'rate-limit'
  /** The service understood and refused (4xx). */
  | 'validation'
  /** The job was accepted, ran and failed. */
  | 'execution'
  /** The service has no memory of the job and it could not be brought back. */
  | 'lost'
  /** The caller's signal. */
  | 'aborted'

export type ClientErrorOptions = {
  readonly errorClass: ErrorClass
  /** Stable, kebab-case, e.g. `connection-refused`. */
  readonly code: string
  readonly message: string
  /** What the service asked us to wait before the next try, ms. */
  readonly retryAfterMs?: number
  /** True if trying again could do harm (the call may have taken effect and cannot be looked up). Default false. */
  readonly final?: boolean
}

export class ClientError extends Error {
  readonly errorClass: ErrorClass
  readonly code: string
  readonly retryAfterMs: number | undefined
  readonly final: boolean

  constructor(options: ClientErrorOptions) {
    super(options.message)
    this.name = 'ClientError'
    this.errorClass = options.errorClass
    this.code = options.code
    this.retryAfterMs = options.retryAfterMs
    this.final = options.final ?? false
  }
}

/** True if the call may have taken effect although it failed: only such a call must be looked up before it is repeated. */
export function mayHaveArrived(error: ClientError): boolean {
  return error.errorClass === 'network' || error.errorClass === 'timeout' || error.errorClass === 'server'
}

/** One line fit to leave the client: no absolute paths, no keys, at most 200 characters. */
export function publicText(text: string): string {
  const line = text.split('\n', 1)[0] ?? ''
  return line
    .replaceAll(/\bsk-[\w-]+/g, '<key>')
    .replaceAll(/(?:[A-Za-z]:\\|\/)(?:[\w.-]+[\\/])+[\w.-]*/g, '<path>')
    .slice(0, 200)
    .trim()
}

/** @throws ClientError `no-endpoint`, always. */
export function noEndpoint(service: string): never {
  const message = `Cannot use ${service}: it has no address; add it to the endpoints`
  throw new ClientError({ errorClass: 'validation', code: 'no-endpoint', message })
}
