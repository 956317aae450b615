/** Reads an entry of `/history/{id}`: the only place where ComfyUI tells what came out of a prompt. */
import { ClientError, publicText } from '../errors.ts'
import { asArray, asObject, asText, type JsonObject } from '../transport/json.ts'

export type OutputFile = {
  readonly filename: string
  readonly subfolder: string
  /** `output`, `temp` or `input`. */
  readonly type: string
}

/**
 * @throws ClientError `execution` if the prompt failed or was interrupted; both are `status_str: "error"`, and only the
 * last message tells them apart (measured on ComfyUI 0.33, golden 06).
 */
export function filesOf(entry: JsonObject): readonly OutputFile[] {
  const status = asObject(entry.status)
  if (status.status_str === 'error') throw executionError(asArray(status.messages))
  const files = Object.entries(asObject(entry.outputs))
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true })) // their order is not stable between processes
    .flatMap(([, output]) => Object.values(asObject(output)).flatMap(asArray))
    .map(fileOf)
    .filter((file) => file !== undefined)
  const kept = files.filter((file) => file.type === 'output')
  return kept.length > 0 ? kept : files // a graph with previews only has nothing but temp files
}

/** Outputs also hold texts, flags and numbers; a file is an object with a name. */
function fileOf(value: unknown): OutputFile | undefined {
  const { filename, subfolder, type } = asObject(value)
  const name = asText(filename)
  if (name === undefined) return undefined
  return { filename: name, subfolder: asText(subfolder) ?? '', type: asText(type) ?? 'output' }
}

function executionError(messages: readonly unknown[]): ClientError {
  const [kind, data] = asArray(messages.at(-1))
  const details = asObject(data)
  const node = publicText(asText(details.node_type) ?? 'a node')
  if (kind === 'execution_interrupted') {
    const message = `Cannot finish the image job: interrupted in ${node}; somebody stopped it on the server`
    return new ClientError({ errorClass: 'execution', code: 'interrupted', message })
  }
  const type = publicText(asText(details.exception_type) ?? 'unknown error')
  const text = publicText(asText(details.exception_message) ?? '')
  const message = `Cannot finish the image job: ${node} failed with ${type} (${text}); see the server's log`
  const outOfMemory = type.endsWith('OutOfMemoryError')
  const code = outOfMemory ? 'out-of-memory' : 'node-failed'
  return new ClientError({ errorClass: 'execution', code, message })
}
