/** The test nodes from outside. Failure texts, expansion and blockers are checked by the golden replay. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Graph } from '../../graph.ts'
import { connect, getJson, isEndOf, post, startComfyui, submit } from '../../testing/observed-twin.ts'
import { sd15Graph } from '../../testing/sd15-graph.ts'

const withTestNodes = { flags: { 'test-nodes': true } }

function failing(kind: string): Graph {
  return {
    1: { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 0 } },
    2: { class_type: 'TFail', inputs: { image: ['1', 0], kind, salt: 0 } },
    3: { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: 'x' } },
  }
}

test('without the flag the classes are unknown', async () => {
  await using twin = await startComfyui()
  expect(await getJson(`${twin.url}/object_info/TFail`)).toEqual({})
  const { json } = await post(`${twin.url}/prompt`, { prompt: failing('value') })
  expect(json['error']).toMatchObject({ type: 'missing_node_type' })
})

test('out of memory makes the models cold', async () => {
  await using twin = await startComfyui({ ...withTestNodes, timeScale: 0.1 })
  const client = await connect(twin.url, 'a')
  const loadMs = async (seed: number) => {
    const id = await submit(twin.url, sd15Graph({ steps: 1, seed }), 'a')
    await client.until(isEndOf(id))
    const at = (event: string) =>
      twin.journal.find((line) => line.jobId === id && line.event === event)?.at ?? 0
    return at('job-finished') - at('job-started')
  }
  await loadMs(1)
  expect(await loadMs(2)).toBeLessThan(399)
  await client.until(isEndOf(await submit(twin.url, failing('oom'), 'a')))
  expect(await loadMs(3)).toBeGreaterThanOrEqual(399)
})

test('SystemExit in a node: the prompt runs for ever, new ones are accepted and wait', async () => {
  await using twin = await startComfyui(withTestNodes)
  const client = await connect(twin.url, 'a')
  const id = await submit(twin.url, failing('systemexit'), 'a')
  await client.until(({ type, data }) => type === 'executing' && data['node'] === '2')
  await post(`${twin.url}/interrupt`, {})
  await submit(twin.url, sd15Graph(), 'a')
  expect(await getJson(`${twin.url}/prompt`)).toEqual({ exec_info: { queue_remaining: 2 } })
  expect(await getJson(`${twin.url}/history/${id}`)).toEqual({})
})

test('previews of a sampler: only when asked for, one per step, never with --no-previews', async () => {
  const previews = async (flags: Record<string, boolean>, method: string) => {
    await using twin = await startComfyui({ flags })
    const client = await connect(twin.url, 'a')
    const kinds: number[] = []
    client.socket.on('message', (data: Buffer, isBinary) => isBinary && kinds.push(data.readUInt32BE(0)))
    const more = { prompt_id: randomUUID(), extra_data: { preview_method: method } }
    await client.until(isEndOf(await submit(twin.url, sd15Graph({ steps: 3 }), 'a', more)))
    return kinds
  }
  expect(await previews({}, 'auto')).toEqual([1, 1, 1])
  expect(await previews({}, 'none')).toEqual([])
  expect(await previews({}, 'nonsense')).toEqual([])
  expect(await previews({ 'no-previews': true }, 'auto')).toEqual([])
})

test('a bare NaN reaches clients as invalid JSON', async () => {
  await using twin = await startComfyui(withTestNodes)
  const socket = new WebSocket(`${twin.url.replace('http', 'ws')}/ws?clientId=a`)
  const texts: string[] = []
  socket.on('message', (data: Buffer) => texts.push(data.toString()))
  await once(socket, 'open')
  const graph = { 1: { class_type: 'TNanUi', inputs: { kind: 'nan', salt: 0 } } }
  await submit(twin.url, graph, 'a')
  await expect.poll(() => texts.some((text) => text.includes('"output": {"value": [NaN]}'))).toBe(true)
})
