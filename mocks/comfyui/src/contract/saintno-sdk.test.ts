/** Contract with a real client library: @saintno/comfyui-sdk submits, follows over WebSocket and fetches the PNG. */
import { CallWrapper, ComfyApi, PromptBuilder } from '@saintno/comfyui-sdk'
import { expect, onTestFinished, test } from 'vitest'
import { expectJournaledPng } from '../testing/journaled-png.ts'
import { startComfyui } from '../testing/observed-twin.ts'
import { sd15Graph } from '../testing/sd15-graph.ts'

test('@saintno/comfyui-sdk runs a text-to-image workflow to the picture', async () => {
  await using twin = await startComfyui({ timeScale: 0.01 })
  const api = new ComfyApi(twin.url, 'saintno')
  onTestFinished(() => api.destroy())
  await api.init().waitForReady()
  expect(await api.getCheckpoints()).toContain('sd15.safetensors')
  const workflow = new PromptBuilder(sd15Graph() as never, ['seed'], ['images'])
    .setRawInputNode('seed', '3.inputs.seed')
    .setRawOutputNode('images', '9')
    .input('seed', 7)
  const seen: string[] = []
  const result = await new CallWrapper(api, workflow)
    .onStart(() => void seen.push('start'))
    .onProgress(({ value, max }) => void seen.push(`${value}/${max}`))
    .onFinished(() => void seen.push('finished'))
    .run()
  expect(seen).toEqual(expect.arrayContaining(['start', '1/20', '20/20', 'finished']))
  const images = (result as unknown as { images: { images: Parameters<typeof api.getImage>[0][] } }).images
    .images
  expect(images).toHaveLength(1)
  const picture = await api.getImage(images[0] as Parameters<typeof api.getImage>[0])
  expectJournaledPng(Buffer.from(await picture.arrayBuffer()), twin)
})
