/**
 * Contract with a real client library: @saintno/comfyui-sdk runs workflows. The cases follow what the library's own
 * suite asks of a server (protocol notes 8). A second run of the same workflow, answered from the cache, is missing on
 * purpose: the library waits for ever then, on the real server too (comfy-addons/comfyui-sdk#12).
 */
import { CallWrapper, ComfyApi, PromptBuilder } from '@saintno/comfyui-sdk'
import { expect, onTestFinished, test } from 'vitest'
import { expectJournaledPng } from '../testing/journaled-png.ts'
import { startComfyui } from '../testing/observed-twin.ts'
import { sd15Graph } from '../testing/sd15-graph.ts'

type Image = Parameters<ComfyApi['getImage']>[0]
type Outputs = { readonly images: { readonly images: readonly [Image] } }

async function readyApi(url: string): Promise<ComfyApi> {
  const api = new ComfyApi(url, 'saintno')
  onTestFinished(() => api.destroy())
  return api.init().waitForReady()
}

function workflow(seed: number, checkpoint = 'sd15.safetensors') {
  return new PromptBuilder(sd15Graph() as never, ['seed', 'checkpoint'], ['images'])
    .setRawInputNode('seed', '3.inputs.seed')
    .setRawInputNode('checkpoint', '4.inputs.ckpt_name')
    .setRawOutputNode('images', '9')
    .input('seed', seed)
    .input('checkpoint', checkpoint)
}

test('a workflow runs to the picture, and its callbacks come in order', async () => {
  await using twin = await startComfyui({ timeScale: 0.01 })
  const api = await readyApi(twin.url)
  const seen: string[] = []
  const ids = new Set<string | undefined>()
  const note = (event: string) => (id?: string) => {
    seen.push(event)
    ids.add(id)
  }
  const result = await new CallWrapper(api, workflow(7))
    .onPending(note('pending'))
    .onStart(note('start'))
    .onProgress(({ value, max, node }) => void seen.push(`${node}: ${value}/${max}`))
    .onPreview(() => void seen.push('preview'))
    .onFinished((_, id) => note('finished')(id))
    .run()
  expect([seen[0], seen.at(-1)]).toEqual(['pending', 'finished'])
  expect(seen).toEqual(expect.arrayContaining(['start', '3: 1/20', '3: 20/20']))
  expect(seen).not.toContain('preview')
  expect(ids.size).toBe(1)
  const [image] = (result as unknown as Outputs).images.images
  expect(api.getPathImage(image)).toContain('type=output')
  const picture = await api.getImage(image)
  expectJournaledPng(Buffer.from(await picture.arrayBuffer()), twin)
})

test('previews arrive where the server sends them', async () => {
  await using twin = await startComfyui({ timeScale: 0.01, flags: { 'preview-method': 'latent2rgb' } })
  const api = await readyApi(twin.url)
  const sizes: number[] = []
  await new CallWrapper(api, workflow(8)).onPreview(({ size }) => void sizes.push(size)).run()
  expect(sizes.length).toBeGreaterThan(1)
  expect(Math.min(...sizes)).toBeGreaterThan(100)
})

test('a checkpoint that is not there is a failure of the call', async () => {
  await using twin = await startComfyui()
  const api = await readyApi(twin.url)
  const failures: Error[] = []
  const result = await new CallWrapper(api, workflow(1, 'nowhere.safetensors'))
    .onFailed((error) => void failures.push(error))
    .run()
  expect(result).toBe(false)
  expect(failures.length).toBeGreaterThan(0)
})
