/**
 * The models of compose/litellm/config.yaml, alias by alias; a test compares the two. One deployment per alias.
 * Missing: the router. Several deployments of one alias, retries, cooldown and fallbacks belong between `findModel`
 * and the call of the upstream.
 */
import { createHash } from 'node:crypto'

export type Model = {
  /** What clients ask for. */
  readonly alias: string
  /** LiteLLM's name for what answers, `<provider>/<model>`. */
  readonly target: string
  readonly answer: ModelAnswer
  /** Shown in listings when it is not chat. */
  readonly mode?: 'embedding'
}

export type ModelAnswer =
  | { readonly kind: 'upstream' }
  /** LiteLLM's `mock_response`. */
  | { readonly kind: 'text'; readonly text: string }
  /** `mock_response: litellm.RateLimitError`: chat and completions fail, embeddings answer with the text. */
  | { readonly kind: 'rate-limit'; readonly text: string }

export const models: readonly Model[] = [
  { alias: 'squall-text', target: 'openai/squall-chat-1', answer: { kind: 'upstream' } },
  { alias: 'squall-embed', target: 'openai/squall-embed-1', answer: { kind: 'upstream' }, mode: 'embedding' },
  {
    alias: 'squall-mock',
    target: 'openai/squall-mock',
    answer: { kind: 'text', text: 'Squall is a sudden gust of wind.' },
  },
  {
    alias: 'squall-429',
    target: 'openai/squall-429',
    answer: { kind: 'rate-limit', text: 'litellm.RateLimitError' },
  },
]

export function findModel(alias: unknown): Model | undefined {
  return models.find((model) => model.alias === alias)
}

/** Model name on the wire to the upstream: the target without its provider. */
export function upstreamModel(model: Model): string {
  return model.target.slice(model.target.indexOf('/') + 1)
}

/** 64 hex digits, the same on every start, as LiteLLM derives them from the deployment's parameters. */
export function modelId(model: Model): string {
  return createHash('sha256').update(JSON.stringify(model)).digest('hex')
}

/** Where LiteLLM says it would call; a mock answer still shows the provider's public address. */
export function apiBase(model: Model, upstreamUrl: string | undefined): string {
  return model.answer.kind === 'upstream' && upstreamUrl !== undefined
    ? upstreamUrl
    : 'https://api.openai.com'
}
