/** The body that `queue/join`, `call`, `run` and `stream` share, in the field order of Gradio's `PredictBody`. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Model, readModel } from '../fastapi/body.ts'

/** A valid body. */
export type PredictBody = {
  readonly data: readonly unknown[]
  readonly fnIndex: number | undefined
  readonly sessionHash: string | undefined
  /** Component id that the user touched; decides what `gr.EventData.target` is. */
  readonly triggerId: number | undefined
}

const model: Model = {
  session_hash: { kind: 'text', isNullable: true },
  event_id: { kind: 'text', isNullable: true },
  data: { kind: 'list', isRequired: true },
  event_data: { kind: 'any' },
  fn_index: { kind: 'integer', isNullable: true },
  trigger_id: { kind: 'integer', isNullable: true },
}

/** The body, or undefined after a refusal was sent. */
export async function readPredictBody(
  request: IncomingMessage,
  response: ServerResponse,
): Promise<PredictBody | undefined> {
  const fields = await readModel(request, response, model)
  if (fields === undefined) return undefined
  return {
    data: fields['data'] as readonly unknown[],
    fnIndex: fields['fn_index'] as number | undefined,
    sessionHash: fields['session_hash'] as string | undefined,
    triggerId: fields['trigger_id'] as number | undefined,
  }
}
