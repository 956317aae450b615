/**
 * How LiteLLM tells its client that the upstream failed. Status, name and type measured on 1.101.6 for every status
 * below; the router adds the last two lines. Nothing is retried here, so this is also the first attempt's failure.
 */
import { ProxyFailure } from './failure.ts'

type Kind = { readonly name: string; readonly type: string; readonly label?: string }

const deploymentInfo = '\n\nDeployment Info: request_timeout: None\ntimeout: None'

const kinds: Readonly<Record<number, Kind>> = {
  400: { name: 'BadRequestError', type: 'invalid_request_error', label: '' },
  401: { name: 'AuthenticationError', type: 'authentication_error' },
  403: { name: 'APIError', type: 'permission_error' },
  404: { name: 'NotFoundError', type: 'invalid_request_error' },
  408: { name: 'Timeout', type: 'invalid_request_error', label: 'Timeout Error: ' },
  429: { name: 'RateLimitError', type: 'throttling_error' },
  500: { name: 'InternalServerError', type: 'internal_server_error' },
  502: { name: 'BadGatewayError', type: 'internal_server_error' },
  503: { name: 'ServiceUnavailableError', type: 'internal_server_error' },
  504: { name: 'Timeout', type: 'internal_server_error', label: 'Timeout Error: ' },
}

export type UpstreamRefusal = { readonly status: number; readonly text: string; readonly alias: string }

/** The upstream answered with an error status. `text` is its body. */
export function refusalFailure({ status, text, alias }: UpstreamRefusal): ProxyFailure {
  const { message, param } = refusalOf(text)
  const kind = kinds[status] ?? { name: 'APIError', type: 'internal_server_error' }
  const label = kind.label ?? `${kind.name}: `
  const info = kind.name === 'Timeout' ? deploymentInfo : ''
  const said = `litellm.${kind.name}: ${label}OpenAIException - ${message}${info}`
  return new ProxyFailure({ status, message: routed(said, alias), type: kind.type, param })
}

/** No connection, or it broke before an answer. */
export function connectionFailure(alias: string): ProxyFailure {
  const said = 'litellm.InternalServerError: InternalServerError: OpenAIException - Connection error.'
  return new ProxyFailure({ status: 500, message: routed(said, alias), type: 'internal_server_error' })
}

/** The upstream took longer than the request's timeout. */
export function timeoutFailure(alias: string, timeoutMs: number): ProxyFailure {
  const seconds = timeoutMs / 1000
  const value = Number.isInteger(seconds) ? seconds.toFixed(1) : String(seconds)
  const spent = `timeout value=${value}, time taken=${value} seconds`
  const said = `litellm.Timeout: APITimeoutError - Request timed out. Error_str: Request timed out. - ${spent}`
  const message = routed(said + deploymentInfo, alias)
  return new ProxyFailure({ status: 408, message, type: 'invalid_request_error' })
}

/** `mock_response: litellm.RateLimitError`. */
export function mockRateLimit(alias: string): ProxyFailure {
  const said = 'litellm.RateLimitError: this is a mock rate limit error'
  return new ProxyFailure({ status: 429, message: routed(said, alias), type: 'throttling_error' })
}

/** What the router adds to every failure of a model. */
export function routed(said: string, alias: string): string {
  return `${said}. Received Model Group=${alias}\nAvailable Model Group Fallbacks=None`
}

function refusalOf(text: string): { readonly message: string; readonly param: string | null } {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: unknown; param?: unknown } }
    const param = typeof error?.param === 'string' ? error.param : null
    return { message: typeof error?.message === 'string' ? error.message : text, param }
  } catch {
    return { message: text, param: null }
  }
}
