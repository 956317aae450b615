/**
 * One HTTP request over a connection of its own, and the whole answer. Not `fetch`: a contract must send what no
 * polite client sends (paths as they are, odd headers), and must not depend on a pool.
 */
import { type IncomingMessage, type OutgoingHttpHeaders, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { buffer } from 'node:stream/consumers'

/** A request. `json` is sent as JSON, `body` as it is. */
export type Sent = {
  readonly method?: string
  readonly path: string
  readonly headers?: OutgoingHttpHeaders
  readonly json?: unknown
  readonly body?: string | Buffer
  /** Default 15 s. */
  readonly budgetMs?: number
  readonly signal?: AbortSignal
}

/** What came back. */
export type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Buffer
  readonly text: string
}

const budgetMsDefault = 15_000

/** Sends it. Rejects if nobody listens, the connection breaks or the time is up. */
export async function send(baseUrl: string, sent: Sent): Promise<Answer> {
  const limit = AbortSignal.timeout(sent.budgetMs ?? budgetMsDefault)
  const signal = sent.signal === undefined ? limit : AbortSignal.any([limit, sent.signal])
  const response = await openAnswer(baseUrl, { ...sent, signal })
  const bytes = await buffer(response)
  return { status: response.statusCode ?? 0, headers: headersOf(response), bytes, text: bytes.toString() }
}

/** Sends it and resolves with the answer as soon as its head is there. The signal ends it at any time. */
export function openAnswer(baseUrl: string, sent: Sent): Promise<IncomingMessage> {
  const base = new URL(baseUrl)
  const body = sent.json === undefined ? sent.body : JSON.stringify(sent.json)
  const headers: OutgoingHttpHeaders = {
    ...(sent.json === undefined ? {} : { 'content-type': 'application/json' }),
    ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
    ...sent.headers,
  }
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const request = (base.protocol === 'https:' ? requestHttps : requestHttp)(
    {
      hostname: base.hostname.replace(/^\[|\]$/g, ''),
      port: base.port,
      method: sent.method ?? 'GET',
      path: base.pathname.replace(/\/$/, '') + sent.path,
      headers,
      agent: false,
      ...(sent.signal === undefined ? {} : { signal: sent.signal }),
    },
    (response) => {
      // Whoever reads it sees the error; without a reader it must not end the process.
      response.on('error', () => undefined)
      resolve(response)
    },
  )
  request.on('error', reject)
  request.end(body)
  return promise
}

/** Headers as single texts. */
export function headersOf(response: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)]))
}

/** The body as JSON, or a text that says that it is none. */
export function jsonOf(answer: Answer): unknown {
  try {
    return JSON.parse(answer.text) as unknown
  } catch {
    return `not JSON: ${answer.text.slice(0, 200)}`
  }
}
