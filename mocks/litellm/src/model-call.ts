/** One call of a model: how the client wants it routed, what goes to the upstream, and the headers of the answer. */
import type { OutgoingHttpHeaders } from 'node:http'
import { type Deployment, upstreamModel } from './config/deployment.ts'
import { ProxyFailure } from './failure.ts'
import type { Gateway } from './gateway.ts'
import { type AnswerFacts, answerHeaders } from './headers.ts'
import { rehearsal, withoutMockFields } from './mock-testing.ts'
import type { Body, ProxyCall } from './proxy-call.ts'
import { pythonFloat } from './python-repr.ts'
import type { ClientFallbacks } from './routing/fallback-targets.ts'
import type { RoutedRequest } from './routing/model-router.ts'
import type { UpstreamCall } from './upstream.ts'
import type { Wording } from './upstream-failure.ts'

/** Fields of the body that are for the router and go no further. */
const routerFields = [
  'fallbacks',
  'context_window_fallbacks',
  'content_policy_fallbacks',
  'disable_fallbacks',
  'num_retries',
  'timeout',
]

/** Chat loses these on the way, for models LiteLLM does not know by name; other routes keep them. */
const chatFields = ['user', 'metadata']

export type Way = {
  /** Route at the upstream, below its `/v1`. */
  readonly path: string
  readonly provider: string
  readonly wording: Wording
  /** Timeouts are told in few words. */
  readonly isBrief?: boolean
  /** A broken connection is an `APIConnectionError`. */
  readonly isBroken?: boolean
}

/** The request as the upstream gets it. */
export function upstreamCallOf(
  gateway: Gateway,
  call: ProxyCall,
  {
    path,
    provider,
    wording,
    isBrief = false,
    isBroken = false,
    deployment,
  }: Way & { readonly deployment: Deployment },
): UpstreamCall {
  const { apiBase, apiKey, timeoutMs: ownTimeoutMs } = deployment
  const hidden = path === '/chat/completions' ? [...routerFields, ...chatFields] : routerFields
  const passed = Object.entries(withoutMockFields(call.body)).filter(([name]) => !hidden.includes(name))
  return {
    url: apiBase === undefined ? undefined : apiBase + path,
    body: { ...Object.fromEntries(passed), model: upstreamModel(deployment) },
    apiKey,
    provider,
    wording,
    isBrief,
    isBroken,
    timeoutMs: timeoutMsOf(gateway, call, deployment),
    ownTimeoutMs,
  }
}

/** What the client asks of the router. @throws ProxyFailure 500 for headers that Python cannot read. */
export function routedRequestOf(
  { config }: Gateway,
  { request: { headers }, body }: ProxyCall,
): Omit<RoutedRequest<never>, 'attempt'> {
  const retries = headers['x-litellm-num-retries']
  const timeout = headers['x-litellm-timeout']
  if (typeof retries === 'string' && !/^\s*[+-]?\d+\s*$/.test(retries)) {
    throw unreadable(`invalid literal for int() with base 10: '${retries}'`)
  }
  if (typeof timeout === 'string' && (timeout.trim() === '' || Number.isNaN(Number(timeout)))) {
    throw unreadable(`could not convert string to float: '${timeout}'`)
  }
  const given = body['num_retries']
  return {
    alias: String(body['model']),
    numRetries: retries === undefined ? (typeof given === 'number' ? given : undefined) : Number(retries),
    fallbacks: Array.isArray(body['fallbacks']) ? (body['fallbacks'] as ClientFallbacks) : undefined,
    isFallbackDisabled: body['disable_fallbacks'] === true,
    hasOwnTimeout: timeout !== undefined,
    rehearse: config.release.hearsTesting ? rehearsal(config, body) : undefined,
  }
}

function unreadable(message: string): ProxyFailure {
  return new ProxyFailure({ status: 500, message, type: 'internal_server_error' })
}

/** `x-litellm-timeout` or `timeout`, in seconds; else the deployment's, else the configured wait. */
export function timeoutMsOf(
  { config }: Gateway,
  { request, body }: Pick<ProxyCall, 'request' | 'body'>,
  deployment?: Deployment,
): number {
  const seconds = Number(request.headers['x-litellm-timeout'] ?? wanted(body))
  return seconds > 0 ? seconds * 1000 : (deployment?.timeoutMs ?? config.requestTimeoutMs)
}

/** The same as `x-litellm-timeout` shows it: as it was given, but a deployment's as Python prints a float. */
export function shownTimeout(
  gateway: Gateway,
  { request, body }: Pick<ProxyCall, 'request' | 'body'>,
  deployment: Deployment | undefined,
): string {
  const given = request.headers['x-litellm-timeout'] ?? wanted(body)
  if (given !== undefined) return String(given)
  const own = deployment?.timeoutMs
  return own === undefined ? String(gateway.config.requestTimeoutMs / 1000) : pythonFloat(own / 1000)
}

function wanted(body: Body): number | undefined {
  return typeof body['timeout'] === 'number' ? body['timeout'] : undefined
}

/** Headers of an answer that is about to leave. */
export function headersOf(
  { context, config }: Gateway,
  { callId, startedAt }: ProxyCall,
  facts: Pick<AnswerFacts, 'kind' | 'routed' | 'upstream'>,
): OutgoingHttpHeaders {
  const { version } = config.release
  return answerHeaders({ ...facts, callId, version, durationMs: context.clock.now() - startedAt })
}
