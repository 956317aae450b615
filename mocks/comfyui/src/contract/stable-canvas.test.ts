/**
 * Contract with a real client library: @stable-canvas/comfyui-client submits, follows, polls and interrupts. The cases
 * follow the library's own suite (protocol notes 8). Its `getLogs` and `getRawLogs` ask below `/api`, where the real
 * server has no `/internal` either (golden 12).
 */
import { Client, Workflow } from '@stable-canvas/comfyui-client'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { expectJournaledPng } from '../testing/journaled-png.ts'
import { startComfyui } from '../testing/observed-twin.ts'
import { sd15Graph } from '../testing/sd15-graph.ts'

function createClient(url: string): Client {
  const client = new Client({ api_host: new URL(url).host, clientId: 'stable-canvas', WebSocket, fetch })
  onTestFinished(() => client.close())
  return client
}

test('a workflow runs to the picture', async () => {
  await using twin = await startComfyui({ timeScale: 0.01 })
  const client = createClient(twin.url)
  await client.connect()
  const progress: string[] = []
  const result = await client.enqueue(sd15Graph(), {
    progress: ({ max, value }: { max: number; value: number }) => void progress.push(`${value}/${max}`),
  })
  expect(progress).toEqual(expect.arrayContaining(['1/20', '20/20']))
  expect(result.images).toHaveLength(1)
  const [image] = result.images
  const bytes =
    image?.type === 'url'
      ? await (await fetch(image.data)).arrayBuffer()
      : (image?.data ?? new ArrayBuffer(0))
  expectJournaledPng(Buffer.from(bytes), twin)
})

test('polling alone leads to the same picture', async () => {
  await using twin = await startComfyui()
  const client = createClient(twin.url)
  const result = await client.enqueue_polling(sd15Graph(), { polling_ms: 20 })
  expect(result.images).toMatchObject([{ type: 'url', data: expect.stringMatching(/^http/) as string }])
  const { History: entries } = await client.getHistory()
  expect(entries.map(({ prompt }) => prompt[1])).toEqual([result.prompt_id])
})

test('the events of a run of one step', async () => {
  await using twin = await startComfyui()
  const client = createClient(twin.url)
  await client.connect()
  const types: string[] = []
  client.on('message', ({ data }: { data: unknown }) => {
    if (typeof data === 'string') types.push((JSON.parse(data) as { type: string }).type)
  })
  await client.enqueue(sd15Graph({ steps: 1 }))
  const told = types.filter((type) => !['status', 'progress_state', 'feature_flags'].includes(type))
  expect(told.slice(0, 2)).toEqual(['execution_start', 'execution_cached'])
  expect(told.filter((type) => type === 'executing').length).toBeGreaterThanOrEqual(7)
  expect(told.filter((type) => type === 'progress')).toHaveLength(1)
  expect(told.filter((type) => type === 'executed')).toHaveLength(1)
})

test('a resolver sees the one output node', async () => {
  await using twin = await startComfyui()
  const client = createClient(twin.url)
  await client.connect()
  for (const enqueue of [client.enqueue.bind(client), client.enqueue_polling.bind(client)]) {
    const nodes: unknown[] = []
    const result = await enqueue(sd15Graph(), {
      resolver: (found, output, { node_id: id }) => {
        nodes.push([id, Array.isArray(output['images'])])
        return found
      },
    })
    expect(result.images).toEqual([])
    expect(nodes).toEqual([['9', true]])
  }
})

test('a workflow built in code is interrupted at its first tick', async () => {
  await using twin = await startComfyui({ timeScale: 0.05 })
  const client = createClient(twin.url)
  await client.connect()
  const workflow = new Workflow()
  const nodes = workflow.classes
  const [model = '', clip = '', vae = ''] = nodes.CheckpointLoaderSimple({ ckpt_name: 'sd15.safetensors' })
  const [good] = nodes.CLIPTextEncode({ text: 'a fox', clip })
  const [bad] = nodes.CLIPTextEncode({ text: 'blurry', clip })
  const [latent] = nodes.EmptyLatentImage({ width: 64, height: 64, batch_size: 1 })
  const [samples] = nodes.KSampler({
    seed: 1,
    steps: 1000,
    cfg: 7,
    sampler_name: 'euler',
    scheduler: 'normal',
    denoise: 1,
    model,
    positive: good ?? '',
    negative: bad ?? '',
    latent_image: latent,
  })
  const [images] = nodes.VAEDecode({ samples, vae })
  nodes.SaveImage({ images, filename_prefix: 'built' })
  client.once('progress', () => void client.interrupt())
  await expect(workflow.invoke(client)).rejects.toThrow(/interrupted/i)
})

test('what it asks about the server', async () => {
  await using twin = await startComfyui({ flags: { checkpoints: 'sd15.safetensors,base\\sd-v1-5.ckpt' } })
  const client = createClient(twin.url)
  expect(await client.getSDModels()).toContain('base\\sd-v1-5.ckpt')
  expect(await client.getSamplers()).toContain('euler')
  expect(await client.getSchedulers()).toContain('karras')
  for (const list of [await client.getCNetModels(), await client.getLoRAs(), await client.getVAEs()]) {
    expect(list.length).toBeGreaterThan(0)
  }
  expect(await client.getHyperNetworks()).toEqual([])
  expect((await client.getExtensions()).length).toBeGreaterThan(0)
  expect(await client.getEmbeddings()).toEqual(['easynegative'])
  expect(await client.getModelFolders()).toContainEqual(expect.objectContaining({ name: 'checkpoints' }))
  expect((await client.getModels('checkpoints')).map(({ name }) => name)).toContain('sd15.safetensors')
  expect(await client.viewMetadata('checkpoints', 'sd15.safetensors')).toMatchObject({ format: 'pt' })
  expect((await client.getSystemStats()).devices).toHaveLength(1)
  await client.storeSetting('canvas.one', [1])
  expect(await client.getSetting('canvas.one')).toEqual([1])
  expect(await client.getUserConfig()).toMatchObject({ storage: 'server' })
  expect((await client.createUser('bob')).status).toBe(200)
})
