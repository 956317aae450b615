/**
 * Calls outside the queue, `POST /gradio_api/run/<name>`: the answer is the output object itself. Allowed because
 * Wan2GP never calls `.queue()`. Generators need the queue and fail here, so no job can run this way.
 */
import { type Call, type Route, sendJson } from '@squall/twin-kit'
import { errorPayload } from '../gradio/gradio-error.ts'
import { invoke } from '../gradio/invoke.ts'
import { outputOf } from '../gradio/messages.ts'
import type { Server } from '../server.ts'
import { newSession } from '../session.ts'
import { rootOf, sendTraceback } from './answers.ts'
import { readPredictBody } from './predict-body.ts'

/** `run` and its alias `api`. */
export function runRoutes(server: Server): readonly Route[] {
  return ['run', 'api'].map((prefix) => ({
    method: 'POST',
    path: `/gradio_api/${prefix}/:name`,
    handle: (call) => run(server, call),
  }))
}

async function run(server: Server, { request, response, params }: Call): Promise<void> {
  const body = await readPredictBody(request, response)
  if (body === undefined) return
  const dependency = server.dependencies.find(({ apiName }) => apiName === params['name'])
  if (dependency === undefined) {
    sendTraceback(response, 'route_utils.py"', `AttributeError: Could not find function: ${params['name']}`)
    return
  }
  const { clock } = server.context
  const beginMs = clock.now()
  const finished = new AbortController()
  try {
    if (dependency.fn.kind === 'generator') throw new Error('Need to enable queue to use generators.')
    const turns = invoke(dependency, {
      eventId: '',
      session: body.sessionHash === undefined ? newSession('') : server.sessions.open(body.sessionHash),
      values: body.data,
      root: rootOf(request),
      signal: finished.signal,
      progress: () => undefined,
      info: () => undefined,
    })
    for await (const { values } of turns) {
      const durationSeconds = (clock.now() - beginMs) / 1000
      const output = outputOf({
        data: values,
        isGenerating: false,
        durationSeconds,
        averageSeconds: durationSeconds,
      })
      sendJson(response, 200, output)
    }
  } catch (error) {
    sendJson(response, 500, errorPayload(error))
  }
}
