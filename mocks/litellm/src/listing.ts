/** GET of models: what a client may ask for, and what stands behind it. */
import { type Call, sendJson } from '@squall/twin-kit'
import { safetyHeaders } from './headers.ts'
import { apiBase, findModel, type Model, modelId, models } from './models.ts'
import type { Gateway } from './proxy-call.ts'

/** LiteLLM's constant. */
const createdSeconds = 1_677_610_602

export function listModels({ response }: Call): void {
  const data = models.map((model) => ({ ...card(model), ...(model.mode && { mode: model.mode }) }))
  sendJson(response, 200, { data, object: 'list' }, safetyHeaders)
}

export function showModel({ response, params }: Call): void {
  const model = findModel(params['id'])
  const missing = { detail: `The model \`${params['id'] ?? ''}\` does not exist or is not accessible` }
  if (model === undefined) sendJson(response, 404, missing, safetyHeaders)
  else sendJson(response, 200, card(model), safetyHeaders)
}

/** Credentials are never shown. Missing: the hundred price fields, all null for models LiteLLM has no price of. */
export function modelInfo(gateway: Gateway): (call: Call) => void {
  return ({ response, query }) => {
    const wanted = query.get('litellm_model_id')
    const data = models
      .filter((model) => wanted === null || modelId(model) === wanted)
      .map((model) => ({
        model_name: model.alias,
        litellm_params: {
          ...(model.answer.kind === 'upstream' && { api_base: apiBase(model, gateway.upstreamUrl) }),
          ...(model.answer.kind !== 'upstream' && { mock_response: model.answer.text }),
          model: model.target,
        },
        model_info: { id: modelId(model), db_model: false, ...(model.mode && { mode: model.mode }) },
      }))
    sendJson(response, 200, { data }, safetyHeaders)
  }
}

function card({ alias }: Model): object {
  return { id: alias, object: 'model', created: createdSeconds, owned_by: 'openai' }
}
