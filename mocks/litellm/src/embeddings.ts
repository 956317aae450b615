/**
 * POST of embeddings. A mock model answers with its `mock_response` text where the vector should be, and so does
 * the rate-limited one: the real proxy knows error names only for chat and completions.
 */
import { type Call, sendJson } from '@squall/twin-kit'
import { failureFields, ProxyFailure, sendFailure } from './failure.ts'
import { emulatedVersion, failureHeaders } from './headers.ts'
import { headersOf, timeoutMsOf, upstreamCallOf } from './model-call.ts'
import { findModel, type Model } from './models.ts'
import { type Gateway, type ProxyCall, posted, requireField, unknownModel } from './proxy-call.ts'
import { fetchJson } from './upstream.ts'
import { routed } from './upstream-failure.ts'

const path = '/embeddings'

export function embeddingRoute(gateway: Gateway): (call: Call) => Promise<void> {
  return posted(gateway, async (call) => {
    let headers = { ...failureHeaders(call.callId), 'x-litellm-version': emulatedVersion }
    try {
      requireField(call.body, 'input', path)
      const model = findModel(call.body['model'])
      if (model === undefined) throw unknownModel(call.body['model'], path)
      headers = { ...headers, ...failureHeaders(call.callId, timeoutMsOf(gateway, call)) }
      await answer(gateway, call, model)
    } catch (error) {
      sendFailure(call.response, failureFields(error, headers))
    }
  })
}

async function answer(gateway: Gateway, call: ProxyCall, model: Model): Promise<void> {
  if (model.answer.kind !== 'upstream') {
    const data = [{ embedding: model.answer.text, index: 0, object: 'embedding' }]
    const usage = { completion_tokens: 0, prompt_tokens: 10, total_tokens: 0 }
    const body = { model: model.alias, data, object: 'list', usage }
    sendJson(call.response, 200, body, headersOf(gateway, call, model))
    return
  }
  if (call.body['dimensions'] !== undefined) throw unsupportedDimensions(model.alias)
  const { body, headers } = await fetchJson(upstreamCallOf(gateway, call, { path, model }))
  sendJson(call.response, 200, { ...body, model: model.alias }, headersOf(gateway, call, model, headers))
}

/** LiteLLM decides by the model's name, not by what the upstream can do. */
function unsupportedDimensions(alias: string): ProxyFailure {
  const message =
    'litellm.UnsupportedParamsError: Setting dimensions is not supported for OpenAI `text-embedding-3` and later ' +
    'models. To drop it from the call, set `litellm.drop_params = True`.'
  return new ProxyFailure({ status: 400, message: routed(message, alias), type: 'invalid_request_error' })
}
