/**
 * LiteLLM's error envelope: `{"error":{"message","type","param","code"}}`, the code a string with the HTTP status,
 * `type` and `param` sometimes the text "None". All texts measured on LiteLLM 1.101.6.
 */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { sendJson } from '@squall/twin-kit'
import { safetyHeaders } from './headers.ts'
import { ModelFailure } from './routing/model-failure.ts'

export type FailureFields = {
  readonly status: number
  readonly message: string
  readonly type: string | null
  readonly param?: string | null
  /** Errors FastAPI raised repeat their detail here. */
  readonly detail?: string
  /** LiteLLM's headers that go with this failure; none before authentication. */
  readonly headers?: OutgoingHttpHeaders
}

/** A failure that LiteLLM itself answers; `fields` become status, headers and envelope. */
export class ProxyFailure extends Error {
  readonly fields: FailureFields

  constructor(fields: FailureFields) {
    super(fields.message)
    this.name = 'ProxyFailure'
    this.fields = fields
  }
}

/**
 * How a route tells failures. Chat and embeddings are `mapped`: every failure has a type. Completions and images
 * are `bare`, LiteLLM's older way: types are null but for the rate limit, and hardly a header is sent.
 */
export type FailureStyle = 'mapped' | 'bare'

/** The failure with more headers; anything else that was thrown becomes a 500 as LiteLLM's last resort does. */
export function failureFields(
  error: unknown,
  { headers = {}, style = 'mapped' }: { headers?: OutgoingHttpHeaders; style?: FailureStyle } = {},
): FailureFields {
  if (error instanceof ModelFailure) return modelFailureFields(error, headers, style)
  if (!(error instanceof ProxyFailure)) {
    return { status: 500, message: String(error), type: 'None', param: 'None', headers }
  }
  return { ...error.fields, headers: { ...headers, ...error.fields.headers } }
}

function modelFailureFields(
  { said, fields: { name, status, type, param = null, headers: own } }: ModelFailure,
  headers: OutgoingHttpHeaders,
  style: FailureStyle,
): FailureFields {
  const shared = { status, message: said }
  if (style === 'mapped') return { ...shared, type, param, headers: { ...headers, ...own } }
  // Exceptions that are not LiteLLM's own have neither, and the old routes say so in Python.
  if (name === 'RouterRateLimitError') return { ...shared, type: 'None', param: 'None', headers }
  const isOwn = name === 'RateLimitError' || name === 'UnsupportedParamsError'
  return { ...shared, type: isOwn ? type : null, param: null, headers }
}

/** Answers with the envelope; after the headers only a cut connection tells the client. */
export function sendFailure(response: ServerResponse, fields: FailureFields): void {
  if (response.headersSent) response.destroy()
  else sendJson(response, fields.status, envelope(fields), { ...fields.headers, ...safetyHeaders })
}

export function envelope({ status, message, type, param = null, detail }: FailureFields): object {
  const error = { message, type, param, code: String(status) }
  return { error: detail === undefined ? error : { ...error, provider_specific_fields: { error: detail } } }
}
