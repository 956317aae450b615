/** Response headers as LiteLLM 1.101.6 sends them. Missing: rate-limit headers, which need a database. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { apiBase, type Model, modelId } from './models.ts'

/** The release the twin was compared with. */
export const emulatedVersion = '1.101.6'

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

/** On failures after authentication. `timeoutMs` only when a model was about to be called. */
export function failureHeaders(callId: string, timeoutMs?: number): OutgoingHttpHeaders {
  const headers = {
    'x-litellm-call-id': callId,
    'x-litellm-response-cost': '0',
    'x-litellm-key-spend': '0.0',
  }
  return timeoutMs === undefined ? headers : { ...headers, 'x-litellm-timeout': String(timeoutMs / 1000) }
}

export type AnswerFacts = {
  readonly callId: string
  readonly model: Model
  readonly upstreamUrl: string | undefined
  /** From the arrival of the request to its answer, or to the first chunk. */
  readonly durationMs: number
  /** Headers of the upstream's response; repeated with the prefix `llm_provider-`. */
  readonly upstream?: Headers | undefined
}

/** On answers, whole or streamed. */
export function answerHeaders(facts: AnswerFacts): OutgoingHttpHeaders {
  const { callId, model, upstreamUrl, durationMs, upstream } = facts
  const repeated = [...(upstream ?? [])].map(([name, value]) => [`llm_provider-${name}`, value] as const)
  return {
    'x-litellm-call-id': callId,
    'x-litellm-model-id': modelId(model),
    'x-litellm-model-name': model.target,
    'x-litellm-model-api-base': apiBase(model, upstreamUrl),
    'x-litellm-version': emulatedVersion,
    'x-litellm-response-cost-original': '0.0',
    'x-litellm-key-spend': '0.0',
    'x-litellm-response-duration-ms': durationMs.toFixed(3),
    ...Object.fromEntries(repeated),
    'x-litellm-model-group': model.alias,
    'x-litellm-attempted-retries': '0',
    'x-litellm-attempted-fallbacks': '0',
    ...safetyHeaders,
  }
}
