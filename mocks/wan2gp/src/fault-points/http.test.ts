/** Each HTTP edge can be broken before the work and after it, and no other edge with it. */
import { expect, test } from 'vitest'
import { type Edge, edgeRoutes } from '../points.ts'
import { startTestTwin } from '../testing/twin-in-folder.ts'

/** A request for each edge. A missing edge does not compile. */
const requests: Readonly<Record<Edge, readonly [method: string, path: string, body?: string]>> = {
  page: ['GET', '/'],
  config: ['GET', '/config'],
  info: ['GET', '/gradio_api/info'],
  openapi: ['GET', '/gradio_api/openapi.json'],
  'app-id': ['GET', '/gradio_api/app_id'],
  'startup-events': ['GET', '/gradio_api/startup-events'],
  join: ['POST', '/gradio_api/queue/join', '{"data":[],"fn_index":0,"session_hash":"s"}'],
  data: ['GET', '/gradio_api/queue/data?session_hash=s'],
  status: ['GET', '/gradio_api/queue/status'],
  cancel: ['POST', '/gradio_api/cancel', '{"session_hash":"s","fn_index":1,"event_id":"e"}'],
  reset: ['POST', '/gradio_api/reset', '{"event_id":"e"}'],
  heartbeat: ['GET', '/gradio_api/heartbeat/s'],
  run: ['POST', '/gradio_api/run/activate_status', '{"data":[null]}'],
  call: ['POST', '/gradio_api/call/activate_status', '{"data":[null]}'],
  follow: ['GET', '/gradio_api/call/activate_status/s'],
  upload: ['POST', '/gradio_api/upload', '{}'],
  'upload-progress': ['GET', '/gradio_api/upload_progress'],
  file: ['GET', '/gradio_api/file=none.mp4'],
  'component-server': ['POST', '/gradio_api/component_server', '{}'],
  'live-input': ['POST', '/gradio_api/stream/e', '{"data":[]}'],
  auth: ['GET', '/gradio_api/user'],
  mcp: ['GET', '/mcp/'],
  'gallery-upload': ['PUT', '/wangp_api/gallery/upload/t', 'x'],
  'gallery-download': ['GET', '/wangp_api/gallery/download/t'],
}

const edges = Object.keys(edgeRoutes) as Edge[]

test.each(edges)('%s: a fault at the request and one at the answer are seen, here only', async (edge) => {
  await using twin = await startTestTwin({ mcp: true })
  const ask = async (which: Edge): Promise<number | string> => {
    const [method, path, body] = requests[which]
    const headers = { 'content-type': 'application/json' }
    try {
      const response = await fetch(twin.url + path, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
      })
      // Event streams have no end to wait for.
      await response.body?.cancel()
      return response.status
    } catch {
      return 'broken'
    }
  }
  const usual = await ask(edge)
  expect(usual).not.toBe(418)
  for (const point of [`wan2gp.http.${edge}`, `wan2gp.answer.${edge}`]) {
    await twin.break({ point, action: { kind: 'status', status: 418 } })
    expect(await ask(edge)).toBe(418)
    expect(await ask(edge === 'config' ? 'info' : 'config')).toBe(200)
    twin.faults.healAll()
    await twin.break({ point, action: { kind: 'reset' } })
    expect(await ask(edge)).toBe('broken')
    twin.faults.healAll()
    expect(await ask(edge)).toBe(usual)
  }
})
