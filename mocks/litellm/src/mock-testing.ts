/**
 * Fields of a request body that make LiteLLM pretend. `mock_response` and `mock_tool_calls` of a client are dropped
 * in silence since 1.84; the others are refused since 1.96, unless the configuration allows them (litellm.md, 3.2).
 */
import type { GatewayConfig } from './config/config.ts'
import { ProxyFailure } from './failure.ts'
import type { Body } from './proxy-call.ts'
import { pythonRepr } from './python-repr.ts'
import { ModelFailure } from './routing/model-failure.ts'

const gated = [
  'mock_testing_fallbacks',
  'mock_testing_context_fallbacks',
  'mock_testing_content_policy_fallbacks',
  'mock_testing_rate_limit_error',
  'mock_timeout',
  'mock_delay',
] as const

const dropped: readonly string[] = ['mock_response', 'mock_tool_calls', ...gated]

/** @throws ProxyFailure 400 that names the fields, whatever their values. */
export function refuseMockFields({ release }: GatewayConfig, body: Body): void {
  const used = gated.filter((name) => name in body)
  if (!release.refuses || used.length === 0) return
  const message =
    `Mock testing request params are disabled on this proxy: ${used.join(', ')}. An admin can enable them by ` +
    'setting `general_settings.dangerously_allow_mock_testing_request_params: true` in config.yaml. This setting ' +
    'cannot be changed from the Admin UI or the API.'
  throw new ProxyFailure({ status: 400, message, type: 'invalid_request_error', detail: message })
}

/** The body without them, as the upstream may see it. */
export function withoutMockFields(body: Body): Body {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !dropped.includes(name)))
}

/** What `mock_testing_*` wants of the router: fail the first alias, or, for a rate limit, every one. */
export function rehearsal(
  { routing }: GatewayConfig,
  body: Body,
): ((alias: string, depth: number) => ModelFailure | undefined) | undefined {
  const shown = (lists: unknown): string => pythonRepr(lists)
  return (alias, depth) => {
    const text = `This is a mock exception for model=${alias}, to trigger`
    if (body['mock_testing_rate_limit_error'] === true) {
      const said = `litellm.RateLimitError: ${text} a rate limit error.`
      return new ModelFailure({ name: 'RateLimitError', status: 429, said, type: 'throttling_error' })
    }
    if (depth > 0) return undefined
    if (body['mock_testing_fallbacks'] === true) {
      const said = `litellm.InternalServerError: ${text} a fallback. Fallbacks=${shown(routing.fallbacks)}`
      return new ModelFailure({
        name: 'InternalServerError',
        status: 500,
        said,
        type: 'internal_server_error',
      })
    }
    if (body['mock_testing_context_fallbacks'] === true) {
      const lists = `Context_Window_Fallbacks=${shown(routing.contextWindowFallbacks)}`
      const said = `litellm.ContextWindowExceededError: litellm.BadRequestError: ${text} a fallback.                     ${lists}`
      return badRequest('ContextWindowExceededError', said)
    }
    if (body['mock_testing_content_policy_fallbacks'] === true) {
      const lists = `Context_Policy_Fallbacks=${shown(routing.contentPolicyFallbacks)}`
      const said = `litellm.BadRequestError: litellm.ContentPolicyViolationError: ${text} a fallback.                     ${lists}`
      return badRequest('ContentPolicyViolationError', said)
    }
    return undefined
  }
}

function badRequest(
  name: 'ContextWindowExceededError' | 'ContentPolicyViolationError',
  said: string,
): ModelFailure {
  return new ModelFailure({ name, status: 400, said, type: 'invalid_request_error' })
}
