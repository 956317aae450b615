/**
 * What a WebSocket frame of ComfyUI says about a prompt. Only hints are taken from it; no result is believed from a
 * message. Unknown types, frames without a prompt id and frames that are no JSON (a bare `NaN` in a node's output
 * makes one, measured on ComfyUI 0.33) are passed over.
 */
import { asObject, asText, type JsonObject } from '../transport/json.ts'

export type PromptEvent =
  | { readonly kind: 'started'; readonly promptId: string }
  /** How many nodes' worth of work is done, e.g. 2.4. */
  | { readonly kind: 'progress'; readonly promptId: string; readonly nodesDone: number }
  /** Success, failure or interruption: `executing {node:null}` follows each of them and tells none apart. */
  | { readonly kind: 'ended'; readonly promptId: string }

export function parseMessage(text: string): PromptEvent | undefined {
  const message = objectOf(text)
  const data = asObject(message.data)
  const promptId = asText(data.prompt_id)
  if (promptId === undefined) return undefined
  switch (message.type) {
    case 'execution_start':
      return { kind: 'started', promptId }
    case 'progress_state':
      return { kind: 'progress', promptId, nodesDone: nodesDone(asObject(data.nodes)) }
    case 'executing':
      return data.node === null ? { kind: 'ended', promptId } : undefined
    case 'execution_success':
    case 'execution_error':
    case 'execution_interrupted':
      return { kind: 'ended', promptId }
    default:
      return undefined
  }
}

/** `progress_state` is cumulative and leaves out pending nodes. */
function nodesDone(nodes: JsonObject): number {
  let done = 0
  for (const node of Object.values(nodes)) {
    const { value, max, state } = asObject(node)
    if (state === 'finished') done += 1
    else if (typeof value === 'number' && typeof max === 'number' && max > 0) done += Math.min(1, value / max)
  }
  return done
}

function objectOf(text: string): JsonObject {
  try {
    return asObject(JSON.parse(text))
  } catch {
    return {}
  }
}
