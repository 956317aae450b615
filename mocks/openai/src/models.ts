/** The models this upstream owns, and the refusal of any other, as `GET /v1/models` and a 404 tell them. */
import { type Call, sendJson } from '@squall/twin-kit'
import { ApiFailure } from './failure.ts'

/** A constant, so that two listings are equal byte for byte. */
const createdSeconds = 1_677_610_602

/** Several for chat, so that a gateway has deployments to choose from: faults are matched by the model's name. */
const modelIds: readonly string[] = [
  'squall-chat-1',
  'squall-chat-2',
  'squall-chat-3',
  'squall-embed-1',
  'squall-image-1',
]

/** @throws ApiFailure 404 `model_not_found`. */
export function requireModel(id: string): void {
  if (modelIds.includes(id)) return
  const message = `The model \`${id}\` does not exist or you do not have access to it.`
  throw new ApiFailure({ status: 404, message, code: 'model_not_found' })
}

export function listModels({ response }: Call): void {
  sendJson(response, 200, { object: 'list', data: modelIds.map(modelCard) })
}

export function showModel({ response, params }: Call): void {
  const id = params['id'] ?? ''
  requireModel(id)
  sendJson(response, 200, modelCard(id))
}

function modelCard(id: string): unknown {
  return { id, object: 'model', created: createdSeconds, owned_by: 'squall' }
}
