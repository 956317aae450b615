/** Whole workflows: they validate, run every node once, and the picture has the size the graph asks for. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderImage, stringifyPython } from '@squall/twin-kit'
import { expect, test } from 'vitest'
import type { Graph } from '../graph.ts'
import {
  chainGraph,
  controlNetGraph,
  fluxGraph,
  imageToImageGraph,
  sdxlGraph,
} from '../testing/large-graphs.ts'
import {
  connect,
  getJson,
  isEndOf,
  post,
  startComfyui,
  submit,
  temporaryFolder,
} from '../testing/observed-twin.ts'
import { sd15Graph } from '../testing/sd15-graph.ts'

async function run(graph: Graph) {
  const dataFolder = temporaryFolder()
  await using twin = await startComfyui({ dataFolder })
  const form = new FormData()
  form.set(
    'image',
    new Blob([new Uint8Array(renderImage({ prompt: 'pose', seed: 1, width: 75, height: 63 }))]),
    'pose.png',
  )
  await fetch(`${twin.url}/upload/image`, { method: 'POST', body: form })
  const client = await connect(twin.url, 'a')
  const id = await submit(twin.url, graph, 'a')
  await client.until(isEndOf(id))
  const executed = client.frames.filter(({ type, data }) => type === 'executing' && data['node'] !== null)
  const entry = (await getJson(`${twin.url}/history/${id}`))[id] as {
    outputs: Record<string, { images: { filename: string; subfolder: string }[] }>
    prompt: [unknown, unknown, Graph]
  }
  const files = Object.values(entry.outputs).flatMap(({ images }) => images)
  const pictures = files.map(({ subfolder, filename }) =>
    readFileSync(join(dataFolder, 'output', subfolder, filename)),
  )
  return {
    executed: executed.length,
    files,
    pictures,
    sent: await (await fetch(`${twin.url}/history/${id}`)).text(),
  }
}

const sizeOf = (png: Buffer | undefined) => [png?.readUInt32BE(16), png?.readUInt32BE(20)]

test('SDXL with a refiner: the picture follows from the seed of the first sampler', async () => {
  const { executed, files, pictures } = await run(sdxlGraph())
  expect(executed).toBe(11)
  expect(files).toEqual([{ filename: '128_00001_.png', subfolder: 'sdxl', type: 'output' }])
  expect(sizeOf(pictures[0])).toEqual([128, 128])
})

test('ControlNet, LoRAs, a second pass and an upscaler', async () => {
  const { executed, pictures } = await run(controlNetGraph())
  expect(executed).toBe(16)
  expect(sizeOf(pictures[0])).toEqual([512, 512])
})

test('fifty nodes, and a batch gives one file per picture', async () => {
  const { executed, files, pictures } = await run(chainGraph(50))
  expect(executed).toBe(50)
  expect(files.map(({ filename }) => filename)).toEqual(['chain_00001_.png', 'chain_00002_.png'])
  expect(pictures[0]?.equals(pictures[1] ?? Buffer.alloc(0))).toBe(false)
})

test('Flux in its ten pieces', async () => {
  const { executed, files, pictures } = await run(fluxGraph())
  expect(executed).toBe(13)
  expect(files.map(({ filename }) => filename)).toEqual(['flux_00001_.png'])
  expect(sizeOf(pictures[0])).toEqual([128, 64])
})

test('image to image keeps the size of the picture, cut to whole latents; batch numbers count from 0', async () => {
  const { files, pictures } = await run(imageToImageGraph())
  expect(files.map(({ filename }) => filename)).toEqual(['again 0_00001_.png', 'again 1_00002_.png'])
  expect(pictures.map(sizeOf)).toEqual([
    [72, 56],
    [72, 56],
  ])
})

test('anyone who knows prompt, seed and workflow can compute the very bytes', async () => {
  const { pictures, sent } = await run(sd15Graph({ seed: 42, cfg: 7 }))
  const prompt = /"prompt": \[0, "[^"]+", (\{.*?\}\}\}), \{/.exec(sent)?.[1] ?? ''
  expect(prompt).toContain('"cfg": 7.0')
  const expected = renderImage({ prompt: 'a fox', seed: 42, width: 64, height: 64, text: { prompt } })
  expect(pictures).toEqual([expected])
})

test('a cold model costs time once, until memory is freed', async () => {
  await using twin = await startComfyui({ timeScale: 0.1 })
  const client = await connect(twin.url, 'a')
  const loadMs = async (seed: number) => {
    const { json } = await post(`${twin.url}/prompt`, {
      prompt: sd15Graph({ steps: 1, seed }),
      client_id: 'a',
    })
    await client.until(isEndOf(String(json['prompt_id'])))
    const times = twin.journal.filter(({ jobId }) => jobId === json['prompt_id'])
    const at = (event: string) => times.find((line) => line.event === event)?.at ?? 0
    return at('job-finished') - at('job-started')
  }
  expect(await loadMs(1)).toBeGreaterThanOrEqual(399)
  expect(await loadMs(2)).toBeLessThan(399)
  await post(`${twin.url}/free`, { unload_models: true, free_memory: true })
  expect(await loadMs(2)).toBeGreaterThanOrEqual(399)
  expect(stringifyPython(await getJson(`${twin.url}/prompt`))).toBe('{"exec_info": {"queue_remaining": 0}}')
})
