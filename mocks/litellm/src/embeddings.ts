/**
 * POST of embeddings. A mock model answers with its `mock_response` where the vector should be, once for any number
 * of inputs: the real proxy knows error names only for chat and completions, and here the word `error`.
 */
import { type Call, sendJson } from '@squall/twin-kit'
import { type Deployment, upstreamModel } from './config/deployment.ts'
import type { Gateway } from './gateway.ts'
import { headersOf, routedRequestOf, upstreamCallOf } from './model-call.ts'
import { routedPost } from './model-route.ts'
import { withPackageRetries } from './package-retries.ts'
import { type ProxyCall, requireField, unknownModel } from './proxy-call.ts'
import { ModelFailure } from './routing/model-failure.ts'
import { fetchJson, type UpstreamAnswer } from './upstream.ts'
import { invalidMock } from './upstream-failure.ts'

const path = '/embeddings'
const way = { path, provider: 'OpenAIException', wording: 'error-code', isBrief: true } as const

export function embeddingRoute(gateway: Gateway): (call: Call) => Promise<void> {
  const route = {
    style: 'mapped',
    tellsVersion: true,
    requireInput: (body) => requireField(body, 'input', path),
    unknownModel: (alias) => unknownModel(alias, path),
  } satisfies Parameters<typeof routedPost>[1]
  return routedPost(gateway, route, async (call) => {
    const attempt = (deployment: Deployment): Promise<Vectors> => embed(gateway, call, deployment)
    const routed = await gateway.router.call({ ...routedRequestOf(gateway, call), attempt })
    const { deployment, fallbacks, value } = routed
    const model = fallbacks > 0 ? upstreamModel(deployment) : deployment.alias
    const headers = headersOf(gateway, call, { kind: 'full', routed, upstream: value.headers })
    const usage = { completion_tokens: 0, ...(value.body['usage'] as object | undefined), ...noDetails }
    sendJson(call.response, 200, { ...value.body, model, usage }, headers)
  })
}

const noDetails = { completion_tokens_details: null, prompt_tokens_details: null }

type Vectors = Pick<UpstreamAnswer, 'body'> & Partial<Pick<UpstreamAnswer, 'headers'>>

async function embed(gateway: Gateway, call: ProxyCall, deployment: Deployment): Promise<Vectors> {
  if (deployment.mock !== undefined) return { body: mockVectors(deployment.mock.response) }
  if (call.body['dimensions'] !== undefined) throw unsupportedDimensions()
  const upstreamCall = upstreamCallOf(gateway, call, { ...way, deployment })
  return await withPackageRetries(gateway, () => fetchJson(gateway, upstreamCall))
}

function mockVectors(value: unknown): Readonly<Record<string, unknown>> {
  if (value === 'error') {
    const said = 'litellm.APIConnectionError: APIConnectionError: OpenAIException - Mock error'
    throw new ModelFailure({ name: 'APIConnectionError', status: 500, said, type: 'internal_server_error' })
  }
  if (typeof value === 'object' && !Array.isArray(value)) throw invalidMock('Embedding')
  const data = [{ embedding: value, index: 0, object: 'embedding' }]
  const usage = { completion_tokens: 0, prompt_tokens: 10, total_tokens: 0 }
  return { data, object: 'list', usage }
}

/** LiteLLM decides by the model's name, not by what the upstream can do. */
function unsupportedDimensions(): ModelFailure {
  const said =
    'litellm.UnsupportedParamsError: Setting dimensions is not supported for OpenAI `text-embedding-3` and later ' +
    'models. To drop it from the call, set `litellm.drop_params = True`.'
  return new ModelFailure({
    name: 'UnsupportedParamsError',
    status: 400,
    said,
    type: 'invalid_request_error',
  })
}
