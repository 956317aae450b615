import { expect, test } from 'vitest'
import { type Edge, edgeRoutes } from '../edges.ts'
import { startComfyui } from '../testing/observed-twin.ts'
import { smallGraph } from '../testing/sd15-graph.ts'

/** A request for each edge. A missing edge does not compile. */
const requests: Readonly<Record<Edge, readonly [method: string, path: string, body?: string]>> = {
  submit: ['POST', '/prompt', JSON.stringify({ prompt: smallGraph() })],
  'prompt-info': ['GET', '/prompt'],
  queue: ['GET', '/api/queue'],
  'queue-change': ['POST', '/queue', '{}'],
  interrupt: ['POST', '/interrupt', '{}'],
  free: ['POST', '/free', '{}'],
  history: ['GET', '/history'],
  'history-entry': ['GET', '/api/history/x'],
  'history-change': ['POST', '/history', '{}'],
  jobs: ['GET', '/api/jobs'],
  'job-cancel': ['POST', '/api/jobs/x/cancel', '{}'],
  view: ['GET', '/view?filename=x.png'],
  upload: ['POST', '/upload/image', 'x'],
  'object-info': ['GET', '/object_info/KSampler'],
  'system-stats': ['GET', '/system_stats'],
  models: ['GET', '/models'],
  settings: ['GET', '/settings'],
  userdata: ['GET', '/userdata?dir=.'],
  internal: ['GET', '/internal/logs'],
  other: ['GET', '/features'],
}

const edges = Object.keys(edgeRoutes) as Edge[]

test.each(edges)(
  '%s: a fault at the request and one at the answer are seen, on this edge only',
  async (edge) => {
    await using twin = await startComfyui()
    const ask = async (which: Edge): Promise<number | string> => {
      const [method, path, body] = requests[which]
      const init = { method, ...(body === undefined ? {} : { body }) }
      return fetch(twin.url + path, init).then(
        (response) => response.arrayBuffer().then(() => response.status),
        () => 'broken',
      )
    }
    const usual = await ask(edge)
    expect(usual).not.toBe(418)
    for (const point of [`comfyui.http.${edge}`, `comfyui.answer.${edge}`]) {
      await twin.break({ point, action: { kind: 'status', status: 418 } })
      expect(await ask(edge)).toBe(418)
      expect(await ask(edge === 'queue' ? 'history' : 'queue')).toBe(200)
      twin.faults.healAll()
      await twin.break({ point, action: { kind: 'reset' } })
      expect(await ask(edge)).toBe('broken')
      twin.faults.healAll()
      expect(await ask(edge)).toBe(usual)
    }
  },
)
