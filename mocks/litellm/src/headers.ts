/** Response headers as LiteLLM 1.101.6 sends them. Missing: rate-limit headers, which need a database; zero costs. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { shownApiBase } from './config/deployment.ts'
import type { Routed } from './routing/model-router.ts'

/** On every response, health and failures included. */
export const safetyHeaders: OutgoingHttpHeaders = {
  vary: 'Origin',
  'x-frame-options': 'DENY',
  'content-security-policy': "frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
}

/** The client's own call id, kept and echoed, or a new one. */
export function callIdOf(request: IncomingMessage): string {
  const given = request.headers['x-litellm-call-id']
  return typeof given === 'string' && given !== '' ? given : randomUUID()
}

/** On failures after authentication. `timeout` only when a model was called. */
export function failureHeaders(callId: string, timeout?: string): OutgoingHttpHeaders {
  const headers = {
    'x-litellm-call-id': callId,
    'x-litellm-response-cost': '0',
    'x-litellm-key-spend': '0.0',
  }
  return timeout === undefined ? headers : { ...headers, 'x-litellm-timeout': timeout }
}

/**
 * How much a route tells: `full` is chat and embeddings; the old routes forget the rest. A completions stream also
 * forgets where it was answered.
 */
export type AnswerKind = 'full' | 'completion' | 'completion-stream' | 'image'

export type AnswerFacts = {
  readonly kind: AnswerKind
  readonly callId: string
  readonly version: string
  readonly routed: Omit<Routed<unknown>, 'value'>
  /** From the arrival of the request to its answer, or to the first chunk. */
  readonly durationMs: number
  /** Headers of the upstream's response; repeated with the prefix `llm_provider-`. */
  readonly upstream?: Headers | undefined
}

/** On answers, whole or streamed. */
export function answerHeaders(facts: AnswerFacts): OutgoingHttpHeaders {
  const { kind, callId, version, routed, durationMs, upstream } = facts
  const { deployment, retries, retriesMax, fallbacks } = routed
  const place = {
    'x-litellm-model-id': deployment.id,
    'x-litellm-model-api-base': shownApiBase(deployment),
    'x-litellm-callback-duration-ms': '0.0',
  }
  const way = {
    'x-litellm-model-name': deployment.target,
    'x-litellm-model-group': deployment.alias,
    'x-litellm-attempted-retries': String(retries),
    ...(retries > 0 && { 'x-litellm-max-retries': String(retriesMax) }),
    'x-litellm-attempted-fallbacks': String(fallbacks),
  }
  // Completions lose their costs once a call has failed on the way; mocks have none there.
  const isStraight = retries === 0 && fallbacks === 0 && deployment.mock === undefined
  const isPriced = kind === 'full' || (kind === 'completion' && isStraight)
  return {
    'x-litellm-call-id': callId,
    'x-litellm-version': version,
    'x-litellm-key-spend': '0.0',
    'x-litellm-response-duration-ms': durationMs.toFixed(3),
    ...(kind !== 'completion-stream' && place),
    ...(kind !== 'image' && way),
    ...(isPriced && costs(kind)),
    ...(kind === 'full' && upstream !== undefined && { 'x-litellm-overhead-duration-ms': overheadMs }),
    ...(kind === 'full' && providerHeaders(upstream)),
    ...safetyHeaders,
  }
}

/** The twin does not measure itself. */
const overheadMs = '1.000'

/** The upstream's own headers, as LiteLLM repeats them. */
export function providerHeaders(upstream: Headers | undefined): OutgoingHttpHeaders {
  const repeated = [...(upstream ?? [])].map(([name, value]) => [`llm_provider-${name}`, value] as const)
  return Object.fromEntries(repeated)
}

/** Nothing costs anything: LiteLLM has no price of these models. */
function costs(kind: AnswerKind): OutgoingHttpHeaders {
  return {
    'x-litellm-response-cost-original': '0.0',
    'x-litellm-response-cost-discount-amount': '0.0',
    'x-litellm-response-cost-margin-amount': '0.0',
    'x-litellm-response-cost-margin-percent': '0.0',
    'x-litellm-response-cost-input': '0.0',
    'x-litellm-response-cost-output': kind === 'completion' ? '0' : '0.0',
    'x-litellm-response-cost-tool-usage': '0.0',
  }
}
