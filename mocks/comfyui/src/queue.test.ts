/** Order of the queue and what clients are told about it, as measured on the real server. */
import { PythonFloat } from '@squall/twin-kit'
import { expect, test } from 'vitest'
import { createQueue, type QueueItem } from './queue.ts'
import { connect, getJson, post, startComfyui, submit } from './testing/observed-twin.ts'
import { sd15Graph, smallGraph } from './testing/sd15-graph.ts'

function item(number: number | PythonFloat, promptId = String(number.valueOf())): QueueItem {
  return { number, promptId, graph: {}, extraData: {}, outputs: [] }
}

test('smaller numbers run first, front before all, ties by prompt id', () => {
  const queue = createQueue(() => undefined)
  const numbers = [85, 86, -87, -88, 89, new PythonFloat(-5), new PythonFloat(0.5)]
  for (const number of numbers) queue.put(item(number))
  queue.put(item(86, '0-first'))
  const order: string[] = []
  for (let next = queue.take(); next !== undefined; next = queue.take()) order.push(next.promptId)
  expect(order).toEqual(['-88', '-87', '-5', '0.5', '85', '0-first', '86', '89'])
})

test('pending items are shown in the order of Python heapq', () => {
  const queue = createQueue(() => undefined)
  for (const number of [5, 4, 3, 2, 1]) queue.put(item(number))
  // CPython: heapq.heappush of 5, 4, 3, 2, 1 gives [1, 2, 4, 5, 3]
  expect(queue.pending().map(({ promptId }) => promptId)).toEqual(['1', '2', '4', '5', '3'])
  queue.remove('2')
  // CPython: pop(1), then heapq.heapify
  expect(queue.pending().map(({ promptId }) => promptId)).toEqual(['1', '3', '5', '4'])
})

test('a full tie raises, and the item is queued all the same', () => {
  const queue = createQueue(() => undefined)
  queue.put(item(1, 'same'))
  expect(() => queue.put(item(1, 'same'))).toThrow("'<' not supported")
  expect(queue.remaining()).toBe(2)
})

test('deleting the last pending prompt tells twice, and it leaves no trace', async () => {
  await using twin = await startComfyui({ timeScale: 1 })
  const client = await connect(twin.url, 'client-a')
  await submit(twin.url, sd15Graph(), 'client-a')
  await client.until(({ type }) => type === 'executing')
  const waiting = await submit(twin.url, smallGraph(), 'client-a')
  expect(await getJson(`${twin.url}/prompt`)).toEqual({ exec_info: { queue_remaining: 2 } })
  await client.until(
    ({ type, data }) => type === 'status' && JSON.stringify(data).includes('"queue_remaining":2'),
  )
  const before = client.frames.filter(({ type }) => type === 'status').length
  expect((await post(`${twin.url}/queue`, { delete: [waiting, 'unknown'] })).status).toBe(200)
  await expect.poll(() => client.frames.filter(({ type }) => type === 'status').length).toBe(before + 2)
  expect(await getJson(`${twin.url}/history/${waiting}`)).toEqual({})
  const queue = (await getJson(`${twin.url}/queue`)) as {
    queue_running: unknown[][]
    queue_pending: unknown[]
  }
  expect(queue.queue_pending).toEqual([])
  expect(queue.queue_running[0]).toHaveLength(5)
})

test('the number rises with refused prompts too; front turns it negative', async () => {
  await using twin = await startComfyui()
  const numbers: unknown[] = []
  for (const body of [{ prompt: {} }, { prompt: smallGraph() }, { prompt: smallGraph(), front: true }]) {
    numbers.push((await post(`${twin.url}/prompt`, body)).json['number'])
  }
  expect(numbers).toEqual([undefined, 1, -2])
})

test('history pages count from the newest without an offset and from the oldest with one', async () => {
  await using twin = await startComfyui()
  const ids: string[] = []
  for (const color of [1, 2, 3]) ids.push(await submit(twin.url, smallGraph(color)))
  const page = async (query: string) => Object.keys(await getJson(`${twin.url}/history${query}`))
  await expect.poll(() => page('')).toEqual(ids)
  expect(await page('?max_items=2')).toEqual(ids.slice(1))
  expect(await page('?max_items=1&offset=1')).toEqual(ids.slice(1, 2))
  expect(await page('?max_items=0')).toEqual([])
  expect((await fetch(`${twin.url}/history?max_items=x`)).status).toBe(500)
  await post(`${twin.url}/history`, { delete: [ids[0]] })
  expect(await page('')).toEqual(ids.slice(1))
  await post(`${twin.url}/history`, { clear: true })
  expect(await page('')).toEqual([])
})
