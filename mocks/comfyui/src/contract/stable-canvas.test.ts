/** Contract with a real client library: @stable-canvas/comfyui-client submits, follows and fetches the PNG. */
import { Client } from '@stable-canvas/comfyui-client'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { expectJournaledPng } from '../testing/journaled-png.ts'
import { startComfyui } from '../testing/observed-twin.ts'
import { sd15Graph } from '../testing/sd15-graph.ts'

test('@stable-canvas/comfyui-client runs a text-to-image workflow to the picture', async () => {
  await using twin = await startComfyui({ timeScale: 0.01 })
  const client = new Client({ api_host: new URL(twin.url).host, clientId: 'stable-canvas', WebSocket, fetch })
  onTestFinished(() => client.close())
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
