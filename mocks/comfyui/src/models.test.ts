/** Models that are only names, and model files in the data folder that come, go and break while the server runs. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderImage } from '@squall/twin-kit'
import { expect, test } from 'vitest'
import { writeSafetensors } from './safetensors.ts'
import {
  connect,
  getJson,
  isEndOf,
  post,
  startComfyui,
  submit,
  temporaryFolder,
} from './testing/observed-twin.ts'
import { sd15Graph } from './testing/sd15-graph.ts'

const sound = writeSafetensors({ title: 'mine' }, { weight: { shape: [2], numbers: Float32Array.of(1, 2) } })

function dataWith(file: string, content: Buffer) {
  const dataFolder = temporaryFolder()
  const folder = join(dataFolder, 'models', 'checkpoints')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, file), content)
  return { dataFolder, folder, path: join(folder, file) }
}

const graphWith = (name: string) => ({
  ...sd15Graph(),
  4: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: name } },
})

test('a name with a backslash can be chosen, as Windows servers list them', async () => {
  const name = 'base\\sd-v1-5.ckpt'
  await using twin = await startComfyui({ flags: { checkpoints: `sd15.safetensors,${name}` } })
  expect(await getJson(`${twin.url}/models/checkpoints`)).toEqual(['sd15.safetensors', name])
  expect((await post(`${twin.url}/prompt`, { prompt: graphWith(name) })).status).toBe(200)
})

test('a file in the data folder is a model, until it is deleted', async () => {
  const { dataFolder, path } = dataWith('mine.safetensors', sound)
  await using twin = await startComfyui({ dataFolder, flags: { checkpoints: '' } })
  expect(await getJson(`${twin.url}/models/checkpoints`)).toEqual(['mine.safetensors'])
  expect(await getJson(`${twin.url}/experiment/models/checkpoints`)).toMatchObject([
    { name: 'mine.safetensors', pathIndex: 0, size: sound.length },
  ])
  expect(await getJson(`${twin.url}/view_metadata/checkpoints?filename=mine.safetensors`)).toEqual({
    title: 'mine',
  })
  const client = await connect(twin.url, 'a')
  const id = await submit(twin.url, graphWith('mine.safetensors'), 'a')
  await client.until(isEndOf(id))
  expect(client.frames.some(({ type }) => type === 'execution_success')).toBe(true)
  rmSync(path)
  const refused = await post(`${twin.url}/prompt`, { prompt: graphWith('mine.safetensors') })
  expect([refused.status, refused.text.includes("'mine.safetensors' not in []")]).toEqual([400, true])
})

test.each([
  [Buffer.alloc(4), 'header too small'],
  [Buffer.alloc(64), 'invalid JSON in header: EOF while parsing a value at line 1 column 0'],
  [sound.subarray(0, -4), 'incomplete metadata, file not fully covered'],
  [sound.subarray(0, 20), 'invalid header length'],
  [Buffer.alloc(64, 0xff), 'header too large'],
])('a damaged file %# is accepted and fails at the loader: %s', async (content, reason) => {
  const { dataFolder } = dataWith('broken.safetensors', content)
  await using twin = await startComfyui({ dataFolder })
  const client = await connect(twin.url, 'a')
  await submit(twin.url, graphWith('broken.safetensors'), 'a')
  const { data } = await client.until(({ type }) => type === 'execution_error')
  expect([data['node_type'], data['exception_type'], data['exception_message']]).toEqual([
    'CheckpointLoaderSimple',
    'safetensors._safetensors_rust.SafetensorError',
    `Error while deserializing header: ${reason}\n`,
  ])
})

test('the picture beside a model is its preview, as WebP', async () => {
  const { dataFolder, folder } = dataWith('mine.safetensors', sound)
  writeFileSync(join(folder, 'mine.png'), renderImage({ prompt: 'cover', seed: 1, width: 16, height: 16 }))
  await using twin = await startComfyui({ dataFolder })
  const answer = await fetch(`${twin.url}/experiment/models/preview/checkpoints/0/mine.safetensors`)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/webp'])
  expect(Buffer.from(await answer.arrayBuffer()).toString('latin1', 8, 16)).toBe('WEBPVP8L')
  for (const path of [
    'checkpoints/1/mine',
    'checkpoints/0/other',
    'nowhere/0/mine',
    'checkpoints/0/..%2F..%2Fmine',
  ]) {
    expect((await fetch(`${twin.url}/experiment/models/preview/${path}`)).status).toBe(404)
  }
})
