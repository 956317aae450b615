/** Files over HTTP: names that leave the folder, ranges, uploads and their collisions, as recorded. */
import { expect, test } from 'vitest'
import { getJson, startComfyui, submit } from '../testing/observed-twin.ts'
import { sd15Graph, smallGraph } from '../testing/sd15-graph.ts'

async function upload(url: string, name: string, content: string, fields: Record<string, string> = {}) {
  const form = new FormData()
  form.set('image', new Blob([content]), name)
  for (const [key, value] of Object.entries(fields)) form.set(key, value)
  return fetch(`${url}/upload/image`, { method: 'POST', body: form })
}

test('names and folders that lead outside are refused', async () => {
  await using twin = await startComfyui()
  await upload(twin.url, 'a.png', 'pixels')
  await upload(twin.url, 'b.png', 'pixels', { subfolder: 'sub/dir' })
  const expected: [query: string, status: number][] = [
    ['', 404],
    ['?filename=', 400],
    ['?filename=a.png', 404],
    ['?filename=a.png&type=input', 200],
    ['?filename=a.png%20[input]', 200],
    ['?filename=b.png&type=input&subfolder=sub%2Fdir', 200],
    ['?filename=sub/dir/b.png&type=input', 404],
    ['?filename=b.png&type=bogus', 400],
    ['?filename=../a.png&type=input', 400],
    ['?filename=..%2Fa.png&type=input', 400],
    ['?filename=%2Fetc%2Fpasswd', 400],
    ['?filename=passwd&subfolder=/etc', 403],
    ['?filename=a.png&subfolder=../input&type=output', 403],
    ['?filename=a.png&subfolder=../../&type=input', 403],
    ['?filename=a..b.png&type=input', 400],
  ]
  const seen: [string, number][] = []
  for (const [query] of expected) seen.push([query, (await fetch(`${twin.url}/view${query}`)).status])
  expect(seen).toEqual(expected)
})

test('a result comes with its type, and in parts', async () => {
  await using twin = await startComfyui()
  await submit(twin.url, smallGraph())
  await expect.poll(() => twin.journal.some(({ event }) => event === 'output')).toBe(true)
  const url = `${twin.url}/api/view?filename=small_00001_.png&subfolder=&type=output`
  const whole = await fetch(url)
  expect(Object.fromEntries(whole.headers)).toMatchObject({
    'content-type': 'image/png',
    'content-disposition': 'filename="small_00001_.png"',
    'x-content-type-options': 'nosniff',
    server: 'Python/3.11 aiohttp/3.14.3',
  })
  const part = await fetch(url, { headers: { range: 'bytes=0-7' } })
  expect([part.status, Buffer.from(await part.arrayBuffer()).toString('latin1')]).toEqual([
    206,
    '\x89PNG\r\n\x1a\n',
  ])
  expect((await fetch(url, { method: 'HEAD' })).headers.get('content-length')).toBe(
    whole.headers.get('content-length'),
  )
})

test('the same name with other bytes gets a number, with the same bytes the same name', async () => {
  await using twin = await startComfyui()
  const names: unknown[] = []
  for (const content of ['one', 'one', 'two', 'three']) {
    names.push(((await (await upload(twin.url, 'a.png', content)).json()) as { name: string }).name)
  }
  expect(names).toEqual(['a.png', 'a.png', 'a (1).png', 'a (2).png'])
  const stored = await upload(twin.url, 'b.png', 'x', { subfolder: 'sub', type: 'temp' })
  expect(await stored.json()).toEqual({ name: 'b.png', subfolder: 'sub', type: 'temp' })
  expect((await upload(twin.url, 'a.png', 'x', { subfolder: '../..' })).status).toBe(400)
  expect((await upload(twin.url, 'a.png', 'x', { type: 'bogus' })).status).toBe(500)
  expect((await fetch(`${twin.url}/upload/image`, { method: 'POST' })).status).toBe(400)
  expect(await getJson(`${twin.url}/object_info/LoadImage`)).toMatchObject({
    LoadImage: { input: { required: { image: [['a (1).png', 'a (2).png', 'a.png'], {}] } } },
  })
})

test('unknown paths and methods answer as aiohttp does', async () => {
  await using twin = await startComfyui()
  const status = async (method: string, path: string) => (await fetch(twin.url + path, { method })).status
  expect(await status('GET', '/nope')).toBe(404)
  expect(await status('POST', '/nope')).toBe(405)
  expect(await status('PUT', '/prompt')).toBe(405)
  expect(await status('GET', '/prompt/')).toBe(404)
  expect(await status('OPTIONS', '/prompt')).toBe(200)
  expect(await status('HEAD', '/prompt')).toBe(200)
  expect(await getJson(`${twin.url}/object_info/NoSuchNode`)).toEqual({})
  expect(await getJson(`${twin.url}/models/loras`)).toEqual(['detail.safetensors', 'style.safetensors'])
  expect(await status('GET', '/models/nope')).toBe(404)
  expect((await fetch(twin.url)).headers.get('cache-control')).toBe('no-store, must-revalidate')
})

test('JSON is spelled as Python does, down to 64-bit seeds', async () => {
  await using twin = await startComfyui()
  expect(await (await fetch(`${twin.url}/prompt`)).text()).toBe('{"exec_info": {"queue_remaining": 0}}')
  expect(await (await fetch(`${twin.url}/object_info/KSampler`)).text()).toContain(
    '"seed": ["INT", {"default": 0, "min": 0, "max": 18446744073709551615, "control_after_generate": true}]',
  )
  const text = JSON.stringify({ prompt: sd15Graph() }).replace('"seed":1', '"seed":18446744073709551615')
  const answer = await fetch(`${twin.url}/prompt`, { method: 'POST', body: text })
  const { prompt_id: id } = (await answer.json()) as { prompt_id: string }
  await expect
    .poll(async () => (await fetch(`${twin.url}/history/${id}`)).text())
    .toContain('"seed": 18446744073709551615')
})
