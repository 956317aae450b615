/** Each WebSocket message can be taken away from outside, and only it. */
import type { Fault, StartedTwin } from '@squall/twin-kit'
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

const interrupted: Scene = async (twin, client) => {
  const id = await submit(twin.url, longRun, 'c')
  await expect.poll(() => client.names).toContain('progress')
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
    await fetch(`${twin.url}/prompt`, { method: 'POST', body: '{}' })
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

/** What the client hears in a scene, with or without the fault. */
async function play(name: MessageName, isDropped: boolean): Promise<string[]> {
  await using twin = await startComfyui({ flags: { 'test-nodes': true }, timeScale: 1e-3 })
  const fault: Fault = {
    point: `comfyui.ws.${name}`,
    action: { kind: 'drop' },
    when: { match: { clientId: 'c' } },
  }
  if (isDropped) await twin.break(fault)
  const client = openRawClient(twin.url, 'c')
  await expect.poll(() => client.socket.readyState).toBe(client.socket.OPEN)
  await scenes[name](twin, client)
  await allIsSaid(twin, client, name)
  client.socket.terminate()
  return [...new Set(client.names)].toSorted()
}

/** One publisher serves everybody: when a witness has heard the end of a later prompt, the client has heard all. */
async function allIsSaid(twin: StartedTwin, client: RawClient, name: MessageName): Promise<void> {
  const witness = openRawClient(twin.url, 'witness')
  await expect.poll(() => witness.names).toContain('hello')
  await submit(twin.url, graph('TProgress', { steps: 1, delay: 0, preview: false }), 'witness')
  await expect.poll(() => witness.names).toContain('executing-null')
  // What the kernel still holds comes before the pong; without pongs, before the last status.
  if (name === 'pong') await expect.poll(() => client.names).toContain('status')
  else {
    client.socket.ping()
    await expect.poll(() => client.names).toContain('pong')
  }
}

test.each(Object.keys(scenes) as MessageName[])('%s is dropped, and nothing else', async (name) => {
  const usual = await play(name, false)
  expect(usual).toContain(name)
  expect(await play(name, true)).toEqual(usual.filter((other) => other !== name))
})
