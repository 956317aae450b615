/**
 * `POST /gradio_api/component_server`: calls a function of one component. No component of this page has any, so every
 * well-formed call ends in 404. Measured on Gradio 5.29.0.
 */
import { type Call, type Route, readMultipart, TwinError } from '@squall/twin-kit'
import { readWhole } from '../fastapi/body.ts'
import { parseJson } from '../fastapi/parse-json.ts'
import { components } from '../gradio/components.ts'
import type { Point } from '../points.ts'
import { sendDetail, sendTraceback } from './answers.ts'

const formBytesMax = 64 * 1024 * 1024
const wanted = ['data', 'component_id', 'session_hash', 'fn_name'] as const

/** The route, with a slash at the end and without. */
export const componentServerRoutes: readonly Route[] = ['', '/'].map((end) => ({
  method: 'POST',
  path: `/gradio_api/component_server${end}`,
  point: 'wan2gp.http.component-server' satisfies Point,
  handle: serveComponent,
}))

async function serveComponent(call: Call): Promise<void> {
  const { request, response } = call
  const isForm = (request.headers['content-type'] ?? '').startsWith('multipart/form-data')
  const id = isForm ? await formId(call) : await jsonId(call)
  if (response.headersSent) return
  if (id === undefined) return sendDetail(response, 400, 'Invalid JSON body.')
  const frame = { file: 'gradio/routes.py', fn: isForm ? 'get_item_or_file' : 'component_server' }
  if (typeof id === 'string') return sendTraceback(response, frame, `KeyError: '${id}'`)
  if (components.some((component) => component.id === id)) {
    return sendDetail(response, 404, 'Function not found.')
  }
  sendTraceback(response, frame, `KeyError: ${id}`)
}

/** Component id of a JSON body; undefined if a field is missing or of another type. */
async function jsonId({ request, response }: Call): Promise<number | undefined> {
  const bytes = await readWhole(request, response)
  const parsed = parseJson(bytes?.toString('utf8') ?? '')
  if (parsed.kind !== 'value' || typeof parsed.value !== 'object' || parsed.value === null) return undefined
  const fields: Record<string, unknown> = { ...parsed.value }
  const id = fields['component_id']
  return wanted.every((name) => name in fields) && Number.isInteger(id) ? (id as number) : undefined
}

/** Component id of a form, or the name of the first field that is missing. */
async function formId({ request }: Call): Promise<number | string | undefined> {
  try {
    const { fields } = await readMultipart(request, { bytesMax: formBytesMax })
    const missing = wanted.slice(1).find((name) => !fields.has(name))
    return missing ?? Number(fields.get('component_id'))
  } catch (error) {
    if (error instanceof TwinError) return undefined
    throw error
  }
}
