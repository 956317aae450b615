/** What the recording does not show of settings, user files and logs: restarts, trees, names that leave the folder. */
import { expect, test } from 'vitest'
import {
  connect,
  getJson,
  isEndOf,
  post,
  startComfyui,
  submit,
  temporaryFolder,
} from '../testing/observed-twin.ts'
import { smallGraph } from '../testing/sd15-graph.ts'

const statusOf = async (url: string, init?: RequestInit) => (await fetch(url, init)).status

test('settings and files survive a restart', async () => {
  const dataFolder = temporaryFolder()
  {
    await using twin = await startComfyui({ dataFolder })
    await post(`${twin.url}/settings`, { 'Comfy.A': 1 })
    await post(`${twin.url}/settings/Comfy.B`, 'true')
    await post(`${twin.url}/userdata/workflows%2Fa.json`, { a: 1 })
  }
  await using twin = await startComfyui({ dataFolder })
  expect(await getJson(`${twin.url}/settings`)).toEqual({ 'Comfy.A': 1, 'Comfy.B': true })
  expect(await getJson(`${twin.url}/userdata/workflows%2Fa.json`)).toEqual({ a: 1 })
})

test('lists: flat, split, and the whole tree with folders first', async () => {
  await using twin = await startComfyui()
  for (const name of ['a.json', 'workflows/sub/b.json']) {
    await post(`${twin.url}/userdata/${encodeURIComponent(name)}`, {})
  }
  const list = (query: string) => getJson(`${twin.url}/userdata?dir=workflows${query}`)
  expect(await list('')).toEqual([])
  expect(await list('&recurse=true')).toEqual(['sub/b.json'])
  expect(await list('&recurse=true&split=true')).toEqual([['sub/b.json', 'sub', 'b.json']])
  const tree = (await getJson(`${twin.url}/v2/userdata`)) as unknown as { path: string; type: string }[]
  expect(tree.map(({ path, type }) => `${type} ${path}`)).toEqual([
    'directory workflows',
    'directory workflows/sub',
    'file a.json',
    'file workflows/sub/b.json',
  ])
})

test('names that leave the folder are refused', async () => {
  await using twin = await startComfyui()
  const outside = encodeURIComponent('../../x')
  expect(await statusOf(`${twin.url}/userdata?dir=../..`)).toBe(403)
  expect(await statusOf(`${twin.url}/v2/userdata?path=../..`)).toBe(403)
  expect(await statusOf(`${twin.url}/userdata/${outside}`, { method: 'POST', body: 'x' })).toBe(403)
  expect(await statusOf(`${twin.url}/userdata/${outside}`, { method: 'DELETE' })).toBe(403)
  await post(`${twin.url}/userdata/a`, {})
  expect(await statusOf(`${twin.url}/userdata/a/move/${outside}`, { method: 'POST' })).toBe(403)
})

test('a subscriber gets log lines, until it stops', async () => {
  await using twin = await startComfyui()
  const client = await connect(twin.url, 'a')
  const subscribe = (enabled: boolean) =>
    fetch(`${twin.url}/internal/logs/subscribe`, {
      method: 'PATCH',
      body: JSON.stringify({ clientId: 'a', enabled }),
    })
  await subscribe(true)
  await submit(twin.url, smallGraph())
  const { data } = await client.until(({ type }) => type === 'logs')
  expect(JSON.stringify(data['entries'])).toContain('got prompt')
  await subscribe(false)
  await client.until(isEndOf(await submit(twin.url, smallGraph(2), 'a')))
  const raw = await getJson(`${twin.url}/internal/logs/raw`)
  expect(raw['entries']).toHaveLength(2)
  expect(client.frames.filter(({ type }) => type === 'logs')).toHaveLength(1)
})
