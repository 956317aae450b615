/** Each WebSocket message can be taken away from outside, and only it. */
import type { StartedTwin } from '@squall/twin-kit'
import { expect, test } from 'vitest'
import type { Graph } from '../graph.ts'
import type { MessageName } from '../points.ts'
import { getJson, post, startComfyui, submit } from '../testing/observed-twin.ts'
import { openRawClient, type RawClient } from '../testing/raw-client.ts'
import { sd15Graph } from '../testing/sd15-graph.ts'

const empty = { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 1 } }
const saved = { class_type: 'PreviewImage', inputs: { images: ['2', 0] } }

function graph(className: string, inputs: Readonly<Record<string, unknown>> = {}): Graph {
  return { 1: empty, 2: { class_type: className, inputs: { image: ['1', 0], ...inputs } }, 3: saved }
}

const longRun = graph('TProgress', { steps: 10_000, delay: 5, preview: false })

type Scene = (twin: StartedTwin, client: RawClient) => Promise<void>

/** Runs a workflow to its end; history tells the end, because messages may be missing. */
const run =
  (workflow: Graph, extra: object = {}): Scene =>
  async (twin) => {
    const id = await submit(twin.url, workflow, 'c', { extra_data: extra })
    await expect.poll(() => getJson(`${twin.url}/history/${id}`)).toHaveProperty(id)
  }

const connected: Scene = () => Promise.resolve()
const previews = run(sd15Graph({ steps: 2 }), { preview_method: 'latent2rgb' })

const interrupted: Scene = async (twin) => {
  const id = await submit(twin.url, longRun, 'c')
  await expect.poll(() => twin.state()).toMatchObject({ running: id })
  await post(`${twin.url}/interrupt`, {})
  await expect.poll(() => getJson(`${twin.url}/history/${id}`)).toHaveProperty(id)
}

const met: Scene = async (twin, client) => {
  const id = await submit(twin.url, longRun, 'c')
  await expect.poll(() => client.names).toContain('progress')
  const late = openRawClient(twin.url, 'c')
  await expect.poll(() => late.names).toContain('progress')
  // The late one stands for the client: only it is told what runs.
  ;(client.names as string[]).push(...late.names)
  await post(`${twin.url}/interrupt`, { prompt_id: id })
}

/** What makes each message come. A missing message does not compile. */
const scenes: Readonly<Record<MessageName, Scene>> = {
  hello: connected,
  'executing-hello': met,
  'feature-flags': async (_twin, { socket }) => {
    socket.send(JSON.stringify({ type: 'feature_flags', data: {} }))
    await pinged(socket)
  },
  status: previews,
  'execution-start': previews,
  'execution-cached': previews,
  'progress-state': previews,
  executing: previews,
  progress: previews,
  preview: previews,
  text: run(graph('TPublish')),
  executed: previews,
  'execution-success': previews,
  'execution-error': run(graph('TFail', { kind: 'value', salt: 0 })),
  'execution-interrupted': interrupted,
  'executing-null': previews,
  logs: async (twin) => {
    const body = JSON.stringify({ clientId: 'c', enabled: true })
    await fetch(`${twin.url}/internal/logs/subscribe`, { method: 'PATCH', body })
    await previews(twin, openRawClient(twin.url, 'witness'))
  },
  pong: (_twin, { socket }) => Promise.resolve(socket.ping()),
}

/** Resolves when the server has read everything sent so far. */
async function pinged(socket: RawClient['socket']): Promise<void> {
  await new Promise((resolve) => {
    socket.once('pong', resolve)
    socket.ping()
  })
}

async function play(name: MessageName, isDropped: boolean): Promise<Set<string>> {
  await using twin = await startComfyui({ flags: { 'test-nodes': true }, timeScale: 1e-3 })
  if (isDropped) await twin.break({ point: `comfyui.ws.${name}`, action: { kind: 'drop' } })
  const client = openRawClient(twin.url, 'c')
  await expect.poll(() => twin.state()).toMatchObject({ clients: ['c'] })
  await expect.poll(() => client.socket.readyState).toBe(client.socket.OPEN)
  await scenes[name](twin, client)
  // Everything is out when a message that was caused later has come.
  const barrier = name === 'pong' ? 'status' : 'pong'
  if (barrier === 'status') await previews(twin, client)
  else client.socket.ping()
  await expect.poll(() => client.names).toContain(barrier)
  client.socket.terminate()
  return new Set(client.names)
}

test.each(Object.keys(scenes) as MessageName[])('%s is dropped, and nothing else', async (name) => {
  const usual = await play(name, false)
  expect(usual).toContain(name)
  const dropped = await play(name, true)
  usual.delete(name)
  expect([...dropped].toSorted()).toEqual([...usual].toSorted())
})
