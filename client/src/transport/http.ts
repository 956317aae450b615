/**
 * HTTP to one service over a keep-alive pool of undici, and a second one for what holds its connection for long (event
 * streams, completions) and must not starve the short calls. Every call has a deadline and a signal; undici's own header and body timers
 * are off, so that there is one clock only.
 * Nothing is retried here: who calls knows whether that is safe.
 */
import type { Readable } from 'node:stream'
import { buildConnector, type Dispatcher, Pool } from 'undici'
import type { ClientError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import { deadline, nextTurn } from './clock.ts'
import { classifyHttpError } from './http-error.ts'
import { measured } from './measured-dispatch.ts'
import type { Measurements } from './measurements.ts'

export type HttpCall = {
  readonly method: 'GET' | 'POST'
  /** Begins with a slash; appended to the service's base URL. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly json?: unknown
  readonly signal: AbortSignal
  /** True for a call whose answer takes as long as a job. Default false. */
  readonly isLong?: boolean
  /** Whole call, body included, ms. Default `limits.callMsMax`. */
  readonly deadlineMs?: number
}

export type HttpAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Uint8Array
}

export type HttpStream = {
  readonly status: number
  readonly body: Readable
}

export type HttpOptions = {
  readonly baseUrl: string
  readonly limits: Pick<Limits, 'callMsMax' | 'connectMsMax' | 'shortConnectionsMax' | 'longConnectionsMax'>
  readonly measurements: Measurements
  /** Hears of every failed call before its caller does; health counts a refused connection at once. */
  readonly onError?: (error: ClientError) => void
}

export class Http implements AsyncDisposable {
  readonly #short: Pool
  readonly #long: Pool
  readonly #measure: Dispatcher.DispatcherComposeInterceptor
  readonly #basePath: string
  readonly #callMsMax: number
  readonly #onError: (error: ClientError) => void

  constructor({ baseUrl, limits, measurements, onError = () => {} }: HttpOptions) {
    const url = new URL(baseUrl)
    this.#basePath = url.pathname.replace(/\/$/, '')
    this.#callMsMax = limits.callMsMax
    this.#onError = onError
    this.#measure = measured(measurements)
    const connector = buildConnector({ timeout: limits.connectMsMax })
    const pool = (connections: number) =>
      new Pool(url.origin, {
        connections,
        headersTimeout: 0,
        bodyTimeout: 0,
        connect: (target, callback) =>
          connector(target, (...result) => {
            if (result[0] === null) measurements.connectionOpened()
            callback(...result)
          }),
      })
    this.#short = pool(limits.shortConnectionsMax)
    this.#long = pool(limits.longConnectionsMax)
  }

  /** @throws ClientError for anything but an answer; a 4xx or 5xx answer is an answer. */
  async call(call: HttpCall): Promise<HttpAnswer> {
    const what = `${call.method} ${call.path}`
    using limit = deadline(call.deadlineMs ?? this.#callMsMax, call.signal, what)
    try {
      const pool = call.isLong === true ? this.#long : this.#short
      const answer = await pool.compose(this.#measure).request(this.#request(call, limit.signal))
      const bytes = await answer.body.bytes()
      await nextTurn() // undici takes its connection back one turn later; the next call would open another one
      return { status: answer.statusCode, headers: flatHeaders(answer.headers), bytes }
    } catch (error) {
      throw this.#failed(error, what, limit.signal)
    }
  }

  /** A body without an end: the deadline holds until the head has come, the caller watches the rest. */
  async stream(call: HttpCall): Promise<HttpStream> {
    const what = `${call.method} ${call.path}`
    using limit = deadline(call.deadlineMs ?? this.#callMsMax, call.signal, what)
    const head = new AbortController()
    const stop = () => head.abort(limit.signal.reason)
    limit.signal.addEventListener('abort', stop, { once: true })
    try {
      const answer = await this.#long.compose(this.#measure).request(this.#request(call, head.signal))
      call.signal.addEventListener('abort', () => answer.body.destroy(), { once: true })
      return { status: answer.statusCode, body: answer.body }
    } catch (error) {
      throw this.#failed(error, what, limit.signal)
    } finally {
      limit.signal.removeEventListener('abort', stop)
    }
  }

  #request(call: HttpCall, signal: AbortSignal): Dispatcher.RequestOptions {
    const query = call.query === undefined ? '' : `?${new URLSearchParams(call.query).toString()}`
    const json = call.json === undefined ? undefined : JSON.stringify(call.json)
    return {
      method: call.method,
      path: this.#basePath + call.path + query,
      headers: { ...(json !== undefined && { 'content-type': 'application/json' }), ...call.headers },
      body: json ?? null,
      signal,
    }
  }

  #failed(error: unknown, what: string, signal: AbortSignal): ClientError {
    const known = classifyHttpError(error, what, signal)
    this.#onError(known)
    return known
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#short.destroy(), this.#long.destroy()])
  }
}

function flatHeaders(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return flat
}
