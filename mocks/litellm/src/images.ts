/**
 * POST of image generations, one of LiteLLM's old routes: failures without types and almost without headers. A mock
 * model answers with its `mock_response` as the address of the picture.
 */
import { type Call, sendJson } from '@squall/twin-kit'
import { type Deployment, upstreamModel } from './config/deployment.ts'
import type { Gateway } from './gateway.ts'
import { headersOf, routedRequestOf, upstreamCallOf } from './model-call.ts'
import { routedPost } from './model-route.ts'
import { withPackageRetries } from './package-retries.ts'
import { oldRefusal, type ProxyCall, unknownModelText } from './proxy-call.ts'
import { ModelFailure } from './routing/model-failure.ts'
import { fetchJson } from './upstream.ts'
import { invalidMock } from './upstream-failure.ts'

const way = {
  path: '/images/generations',
  provider: 'OpenAIException',
  wording: 'message',
  isBrief: true,
  isBroken: true,
} as const
/** LiteLLM spells it differently in this one place. */
const shownPath = '/image/generations'

export function imageRoute(gateway: Gateway): (call: Call) => Promise<void> {
  const route = {
    style: 'bare',
    requireInput: () => undefined,
    unknownModel: (alias) => oldRefusal(400, `400: {'error': '${unknownModelText(alias, shownPath)}'}`),
  } satisfies Parameters<typeof routedPost>[1]
  return routedPost(gateway, route, async (call) => {
    if (call.body['prompt'] === undefined) {
      throw oldRefusal(500, "Router.aimage_generation() missing 1 required positional argument: 'prompt'")
    }
    const attempt = (deployment: Deployment): Promise<object> => draw(gateway, call, deployment)
    const routed = await gateway.router.call({ ...routedRequestOf(gateway, call), attempt })
    sendJson(call.response, 200, routed.value, headersOf(gateway, call, { kind: 'image', routed }))
  })
}

async function draw(gateway: Gateway, call: ProxyCall, deployment: Deployment): Promise<object> {
  if (deployment.mock !== undefined) {
    if (typeof deployment.mock.response !== 'string') throw invalidMock('ImageObject')
    return answer({ data: [{ url: deployment.mock.response }] }, gateway.context.clock.now())
  }
  if (call.body['response_format'] !== undefined) throw unsupportedFormat(deployment)
  const upstreamCall = upstreamCallOf(gateway, call, { ...way, deployment })
  const { body } = await withPackageRetries(gateway, () => fetchJson(gateway, upstreamCall))
  return answer(body, gateway.context.clock.now())
}

const noUsage = {
  total_tokens: 0,
  input_tokens: 0,
  input_tokens_details: { image_tokens: 0, text_tokens: 0 },
  output_tokens: 0,
}

/** Every field is there, null if nobody gave it. */
function answer(body: Readonly<Record<string, unknown>>, nowMs: number): object {
  const pictures = (body['data'] ?? []) as readonly object[]
  return {
    created: body['created'] ?? Math.floor(nowMs / 1000),
    background: body['background'] ?? null,
    data: pictures.map((picture) => ({ b64_json: null, revised_prompt: null, url: null, ...picture })),
    output_format: body['output_format'] ?? null,
    quality: body['quality'] ?? null,
    size: body['size'] ?? null,
    usage:
      body['usage'] === undefined ? noUsage : { output_tokens_details: null, ...(body['usage'] as object) },
  }
}

/** LiteLLM decides by the model's name, not by what the upstream can do. */
function unsupportedFormat(deployment: Deployment): ModelFailure {
  const what = `Setting \`response_format\` is not supported by openai, ${upstreamModel(deployment)}.`
  const advice = 'To drop it from the call, set `litellm.drop_params = True`.'
  const said = `litellm.UnsupportedParamsError: ${what} ${advice}`
  return new ModelFailure({ name: 'UnsupportedParamsError', status: 400, said, type: 'None' })
}
