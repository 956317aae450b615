/**
 * How LiteLLM tells its client that the upstream failed. Status, name and type measured on 1.101.6 for every status
 * below; the router adds to the text.
 */
import { providerHeaders } from './headers.ts'
import { pythonFloat, pythonRepr } from './python-repr.ts'
import { type FailureName, ModelFailure } from './routing/model-failure.ts'

type Kind = { readonly name: FailureName; readonly type: string; readonly label?: string }

const kinds: Readonly<Record<number, Kind>> = {
  400: { name: 'BadRequestError', type: 'invalid_request_error', label: '' },
  401: { name: 'AuthenticationError', type: 'authentication_error' },
  403: { name: 'APIError', type: 'permission_error' },
  404: { name: 'NotFoundError', type: 'invalid_request_error' },
  408: { name: 'Timeout', type: 'invalid_request_error', label: 'Timeout Error: ' },
  409: { name: 'APIError', type: 'invalid_request_error' },
  429: { name: 'RateLimitError', type: 'throttling_error' },
  500: { name: 'InternalServerError', type: 'internal_server_error' },
  502: { name: 'BadGatewayError', type: 'internal_server_error' },
  503: { name: 'ServiceUnavailableError', type: 'internal_server_error' },
  504: { name: 'Timeout', type: 'internal_server_error', label: 'Timeout Error: ' },
}

/** How a way through LiteLLM shows what the upstream said: its message, or the text of the OpenAI package. */
export type Wording = 'message' | 'error-code'

export type UpstreamRefusal = {
  readonly status: number
  /** The body. */
  readonly text: string
  readonly headers: Headers
  readonly wording: Wording
  /** LiteLLM's name of the way. */
  readonly provider: string
}

/** The upstream answered with an error status. */
export function refusalFailure(refusal: UpstreamRefusal): ModelFailure {
  const { status, text, headers, provider } = refusal
  const { message, type, param, body } = refusalOf(text)
  const shown = refusal.wording === 'message' ? message : packageText(status, { text, body })
  const retryAfterSeconds = secondsOf(headers.get('retry-after'))
  const special = status === 400 ? specialRefusal(text) : undefined
  if (special !== undefined) {
    const said = `${special.prefix}${special.name}: ${provider} - ${shown}`
    return new ModelFailure({ name: special.name, status, said, type: 'invalid_request_error' })
  }
  if (status === 422) {
    const said = `litellm.BadRequestError: ${provider} - ${shown}`
    const fields = { name: 'BadRequestError', status, said, type: type ?? 'invalid_request_error' } as const
    return new ModelFailure({ ...fields, param, headers: providerHeaders(headers) })
  }
  const kind = kinds[status] ?? { name: 'APIError', type: 'internal_server_error' }
  // A model that the upstream says is missing, in so many words.
  const isMissing = status === 404 && text.includes('model_not_found')
  const label = isMissing ? '' : (kind.label ?? `${kind.name}: `)
  const detail = kind.name === 'Timeout' ? deploymentDetail(undefined) : ''
  const said = `litellm.${kind.name}: ${label}${provider} - ${shown}${detail}`
  return new ModelFailure({ name: kind.name, status, said, type: kind.type, param, retryAfterSeconds })
}

const longPrompts = [
  'exceed context limit',
  "this model's maximum context length is",
  'string too long. expected a string with maximum length',
  "model's maximum context limit",
  "is longer than the model's context length",
  'input tokens exceed the configured limit',
  'exceeds the maximum number of tokens allowed',
]

/** Refusals that LiteLLM knows by their text, exception_mapping_utils.py of 1.101.6. */
function specialRefusal(text: string): { readonly name: FailureName; readonly prefix: string } | undefined {
  const lower = text.toLowerCase()
  if (longPrompts.some((part) => lower.includes(part))) {
    return {
      name: 'ContextWindowExceededError',
      prefix: 'litellm.ContextWindowExceededError: litellm.BadRequestError: ',
    }
  }
  if (lower.includes('invalid_request_error') && lower.includes('content_policy_violation')) {
    return {
      name: 'ContentPolicyViolationError',
      prefix: 'litellm.BadRequestError: litellm.ContentPolicyViolationError: ',
    }
  }
  return undefined
}

/** No connection, or it broke before an answer. Pictures call it by another name. */
export function connectionFailure(
  provider: string,
  name: 'InternalServerError' | 'APIConnectionError' = 'InternalServerError',
): ModelFailure {
  const said = `litellm.${name}: ${name}: ${provider} - Connection error.`
  return new ModelFailure({ name, status: 500, said, type: 'internal_server_error' })
}

/** A `mock_response` that this route cannot show. The real text is several lines of pydantic. */
export function invalidMock(object: string): ModelFailure {
  const said = `litellm.APIConnectionError: APIConnectionError: OpenAIException - validation errors for ${object}`
  return new ModelFailure({ name: 'APIConnectionError', status: 500, said, type: 'internal_server_error' })
}

/** The upstream answered with something that is no JSON. */
export function unreadableFailure(provider: string, why: string): ModelFailure {
  const said = `litellm.InternalServerError: InternalServerError: ${provider} - ${why}`
  return new ModelFailure({ name: 'InternalServerError', status: 500, said, type: 'internal_server_error' })
}

export type Patience = {
  readonly timeoutMs: number
  /** The deployment's own setting. */
  readonly ownTimeoutMs: number | undefined
  /** Ways through the OpenAI package tell less. */
  readonly isBrief: boolean
  /** A stream's timeout tells its settings, but not how long it took. */
  readonly isStream?: boolean | undefined
}

/** The upstream took longer than the request's timeout. */
export function timeoutFailure({
  timeoutMs,
  ownTimeoutMs,
  isBrief,
  isStream = false,
}: Patience): ModelFailure {
  const what = 'litellm.Timeout: APITimeoutError - Request timed out. Error_str: Request timed out.'
  const value = pythonFloat(timeoutMs / 1000)
  const spent = isStream ? '' : ` - timeout value=${value}, time taken=${value} seconds`
  const said = isBrief ? what : what + spent + deploymentDetail(ownTimeoutMs)
  return new ModelFailure({ name: 'Timeout', status: 408, said, type: 'invalid_request_error' })
}

/** What LiteLLM tells of a deployment that timed out. */
export function deploymentDetail(timeoutMs: number | undefined): string {
  const timeout = timeoutMs === undefined ? 'None' : pythonFloat(timeoutMs / 1000)
  return `\n\nDeployment Info: request_timeout: None\ntimeout: ${timeout}`
}

/** As the OpenAI package words an error status. */
function packageText(status: number, { text, body }: { text: string; body: unknown }): string {
  if (body !== undefined) return `Error code: ${status} - ${pythonRepr(body)}`
  return text.trim() === '' ? `Error code: ${status}` : text.trim()
}

type Refusal = {
  readonly message: string
  readonly type: string | undefined
  readonly param: string | null
  readonly body: unknown
}

function refusalOf(text: string): Refusal {
  try {
    const body = JSON.parse(text) as { error?: { message?: unknown; type?: unknown; param?: unknown } }
    const param = typeof body.error?.param === 'string' ? body.error.param : null
    const type = typeof body.error?.type === 'string' ? body.error.type : undefined
    return { message: typeof body.error?.message === 'string' ? body.error.message : text, type, param, body }
  } catch {
    return { message: text, type: undefined, param: null, body: undefined }
  }
}

/** Whole seconds; dates are not understood here. */
function secondsOf(retryAfter: string | null): number | undefined {
  const seconds = Number(retryAfter)
  return retryAfter !== null && Number.isInteger(seconds) && seconds >= 0 ? seconds : undefined
}
