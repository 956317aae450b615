/** ComfyUI's HTTP routes, as far as a job needs them. Each call is one request; nothing is retried here. */
import { ClientError, publicText } from '../errors.ts'
import type { JobOutput } from '../job.ts'
import type { Http } from '../transport/http.ts'
import { classifyStatus } from '../transport/http-error.ts'
import { asArray, asObject, asText, type JsonObject, parseJson } from '../transport/json.ts'
import type { OutputFile } from './history.ts'

export type Graph = Readonly<Record<string, unknown>>

export type ComfyuiApi = {
  /** Resolves with the id the server uses, which is ours unless it is older than about 0.24. */
  submit(
    prompt: { readonly graph: Graph; readonly promptId: string; readonly clientId: string },
    signal: AbortSignal,
  ): Promise<string>
  isQueued(promptId: string, signal: AbortSignal): Promise<boolean>
  /** Unknown ids are 200 `{}`, never 404. */
  history(promptId: string, signal: AbortSignal): Promise<JsonObject | undefined>
  download(file: OutputFile, signal: AbortSignal): Promise<JobOutput>
}

export function comfyuiApi(http: Http): ComfyuiApi {
  const get = async (path: string, signal: AbortSignal): Promise<JsonObject> => {
    const answer = await http.call({ method: 'GET', path, signal })
    const what = `GET ${path}`
    if (answer.status !== 200) throw classifyStatus(answer.status, what, '', answer.headers['retry-after'])
    return asObject(parseJson(answer.bytes, what))
  }
  return {
    async submit({ graph, promptId, clientId }, signal) {
      const json = { prompt: graph, prompt_id: promptId, client_id: clientId }
      const answer = await http.call({ method: 'POST', path: '/prompt', json, signal })
      if (answer.status === 400) throw refusal(parseJson(answer.bytes, 'submit the workflow'))
      if (answer.status !== 200) {
        throw classifyStatus(answer.status, 'submit the workflow', '', answer.headers['retry-after'])
      }
      // 200 may carry node_errors: outputs that did not validate are dropped in silence (golden 05).
      return asText(asObject(parseJson(answer.bytes, 'submit the workflow')).prompt_id) ?? promptId
    },
    async isQueued(promptId, signal) {
      const queue = await get('/queue', signal)
      const items = [...asArray(queue.queue_running), ...asArray(queue.queue_pending)]
      return items.some((item) => asArray(item)[1] === promptId)
    },
    async history(promptId, signal) {
      const entry = (await get(`/history/${promptId}`, signal))[promptId]
      return entry === undefined ? undefined : asObject(entry)
    },
    async download(file, signal) {
      const query = { filename: file.filename, subfolder: file.subfolder, type: file.type }
      const answer = await http.call({ method: 'GET', path: '/view', query, signal })
      if (answer.status !== 200) throw classifyStatus(answer.status, `fetch ${publicText(file.filename)}`, '')
      const mediaType = answer.headers['content-type'] ?? 'application/octet-stream'
      return { mediaType, bytes: answer.bytes, fileName: file.filename }
    },
  }
}

/** `{"error":{type,message,details},"node_errors":{id:{errors:[{message,details}],class_type}}}` */
function refusal(body: unknown): ClientError {
  const { error, node_errors: nodeErrors } = asObject(body)
  const { type, message: text } = asObject(error)
  const nodes = Object.entries(asObject(nodeErrors)).map(([id, node]) => {
    const first = asObject(asArray(asObject(node).errors)[0])
    return `node ${id}: ${asText(first.message) ?? 'refused'}: ${asText(first.details) ?? ''}`
  })
  const why = publicText([asText(text) ?? 'refused', ...nodes].join('; '))
  const message = `Cannot submit the workflow: ${why}; correct the workflow`
  const code = (asText(type) ?? 'refused').replaceAll('_', '-')
  return new ClientError({ errorClass: 'validation', code, message })
}
