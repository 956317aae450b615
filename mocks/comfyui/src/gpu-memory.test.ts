/** The GPU runs full: what the client is told, what `/system_stats` shows, and that the next prompt starts cold. */
import { expect, test } from 'vitest'
import type { Graph } from './graph.ts'
import { connect, getJson, isEndOf, startComfyui, submit } from './testing/observed-twin.ts'
import { sd15Graph } from './testing/sd15-graph.ts'

const gib = 1024 ** 3

/** The stock workflow at a size and batch of its own. */
function graphOf({ seed = 1, side = 64, batch = 1, file = 'sd15.safetensors' } = {}): Graph {
  return {
    ...sd15Graph({ seed, steps: 1 }),
    4: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: file } },
    5: { class_type: 'EmptyLatentImage', inputs: { width: side, height: side, batch_size: batch } },
  }
}

async function deviceOf(url: string) {
  const { devices } = (await getJson(`${url}/system_stats`)) as unknown as {
    devices: [{ vram_total: number; vram_free: number; torch_vram_total: number; torch_vram_free: number }]
  }
  return devices[0]
}

test('a batch that does not fit is an execution_error, and all models are gone', async () => {
  await using twin = await startComfyui({ timeScale: 0.01 })
  const client = await connect(twin.url, 'a')
  const good = await submit(twin.url, graphOf(), 'a')
  await client.until(isEndOf(good))
  expect((await deviceOf(twin.url)).vram_free).toBeLessThan(24 * gib)

  const id = await submit(twin.url, graphOf({ seed: 2, side: 1024, batch: 100 }), 'a')
  const { data } = await client.until(({ type }) => type === 'execution_error')
  expect(data).toMatchObject({
    prompt_id: id,
    node_id: '3',
    node_type: 'KSampler',
    exception_type: 'torch.OutOfMemoryError',
  })
  expect(data['exception_message']).toBe(
    'CUDA out of memory. Tried to allocate 32.00 GiB. GPU 0 has a total capacity of 24.00 GiB of which 22.01 GiB is free. Including non-PyTorch memory, this process has 1.99 GiB memory in use. Of the allocated memory 1.99 GiB is allocated by PyTorch, and 0 bytes is reserved by PyTorch but unallocated.\nThis error means you ran out of memory on your GPU.\n\nTIPS: If the workflow worked before you might have accidentally set the batch_size to a large number.',
  )
  await client.until(isEndOf(id))
  expect(await deviceOf(twin.url)).toMatchObject({
    vram_total: 24 * gib,
    vram_free: 24 * gib,
    torch_vram_total: 0,
  })

  // Without a decoder behind it only the sampler can bring the model back; the loader's result is cached.
  const { 8: _decode, 9: _save, ...sampled } = graphOf({ seed: 3 })
  const keep = { class_type: 'SaveLatent', inputs: { samples: ['3', 0], filename_prefix: 'kept' } }
  const next = await submit(twin.url, { ...sampled, 9: keep }, 'a')
  await client.until(isEndOf(next))
  const at = (event: string) =>
    twin.journal.find((line) => line.event === event && line['jobId'] === next)?.at ?? 0
  expect(client.frames.some(({ data: { node, prompt_id: of } }) => of === next && node === '4')).toBe(false)
  expect(at('job-finished') - at('job-started')).toBeGreaterThanOrEqual(39)
})

test('a second checkpoint pushes the first out of a small GPU', async () => {
  await using twin = await startComfyui({ flags: { 'vram-gib': '8' } })
  const client = await connect(twin.url, 'a')
  const usedAfter = async (file: string) => {
    await client.until(isEndOf(await submit(twin.url, graphOf({ file }), 'a')))
    const { vram_total: total, vram_free: free, torch_vram_total: torch } = await deviceOf(twin.url)
    expect(torch).toBe(total - free)
    return Number((torch / gib).toFixed(2))
  }
  expect(await usedAfter('sd15.safetensors')).toBe(1.99)
  expect(await usedAfter('sdxl_base.safetensors')).toBe(6.46)
})

test('decoding falls back to tiles, and a model that does not fit alone is refused', async () => {
  await using twin = await startComfyui({ flags: { 'vram-gib': '4' } })
  const client = await connect(twin.url, 'a')
  const outcomeOf = async (graph: Graph) => {
    const id = await submit(twin.url, graph, 'a')
    await client.until(isEndOf(id))
    return client.frames.findLast(
      ({ type, data }) => type.startsWith('execution_') && data['prompt_id'] === id,
    )
  }
  expect((await outcomeOf(graphOf({ side: 1024 })))?.type).toBe('execution_success')
  const failed = await outcomeOf(graphOf({ file: 'sdxl_base.safetensors' }))
  expect(failed?.data).toMatchObject({
    node_type: 'CheckpointLoaderSimple',
    exception_type: 'torch.OutOfMemoryError',
  })
})

test.each(['0', '-1', 'much', ''])('--vram-gib %j is refused before anything starts', async (value) => {
  await expect(startComfyui({ flags: { 'vram-gib': value } })).rejects.toMatchObject({ code: 'bad-flag' })
})
