/** Every core class runs: a workflow around each, the files that come out of it, and what clients are shown. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderImage } from '@squall/twin-kit'
import { expect, test } from 'vitest'
import { graphForClass } from '../testing/graph-for-class.ts'
import { connect, getJson, isEndOf, startComfyui, submit, temporaryFolder } from '../testing/observed-twin.ts'
import type { NodeInfo } from './catalog.ts'
import recorded from './object-info.json' with { type: 'json' }

type File = { readonly filename: string; readonly subfolder: string; readonly type: string }
type Ui = Readonly<Record<string, readonly File[]>>

/** Runs the class on a twin of its own and gives what it showed and stored. */
async function runClass(className: string, more: Record<string, unknown> = {}) {
  const dataFolder = temporaryFolder()
  await using twin = await startComfyui({ dataFolder })
  const picture = renderImage({ prompt: 'pose', seed: 1, width: 40, height: 24 })
  const form = new FormData()
  form.set('image', new Blob([new Uint8Array(picture)]), 'pose.png')
  await fetch(`${twin.url}/upload/image`, { method: 'POST', body: form })
  const client = await connect(twin.url, 'a')
  const info = (await getJson(`${twin.url}/object_info/${className}`))[className] as NodeInfo
  const id = await submit(twin.url, graphForClass(className, info, more), 'a')
  await client.until(isEndOf(id))
  const end = client.frames.find(({ type }) => type === 'execution_success' || type === 'execution_error')
  const entry = (await getJson(`${twin.url}/history/${id}`))[id] as { outputs: Record<string, Ui> }
  const ui = entry.outputs['tested'] ?? entry.outputs['shown'] ?? {}
  const [file] = ui['images'] ?? ui['latents'] ?? []
  const answer = await fetch(`${twin.url}/view?${String(new URLSearchParams({ ...file }))}`)
  return {
    outcome: end?.type === 'execution_success' ? 'success' : end?.data['exception_message'],
    ui,
    path: file === undefined ? '' : join(dataFolder, file.type, file.subfolder, file.filename),
    type: answer.headers.get('content-type'),
    bytes: Buffer.from(await answer.arrayBuffer()),
    journaled: twin.journal.filter(({ event }) => event === 'output').map((line) => line['mediaType']),
  }
}

test.each(Object.keys(recorded))('%s runs with its own defaults', async (className) => {
  const info = (recorded as unknown as Record<string, NodeInfo>)[className]
  // Samplers would take twenty steps or more.
  const hasSteps = info?.input.required !== undefined && 'steps' in info.input.required
  const { outcome } = await runClass(className, hasSteps ? { steps: 2 } : {})
  expect(outcome).toBe('success')
})

test.each([
  ['SaveImage', {}, 'ComfyUI_00001_.png', '', 'image/png', '89504e47'],
  ['SaveAnimatedPNG', {}, 'ComfyUI_00001_.png', '', 'image/png', '89504e47'],
  ['SaveAnimatedWEBP', {}, 'ComfyUI_00001_.webp', '', 'image/webp', '52494646'],
  ['SaveWEBM', {}, 'ComfyUI_00001_.webm', '', 'video/webm', '1a45dfa3'],
  ['SaveVideo', {}, 'ComfyUI_00001_.mp4', 'video', 'video/mp4', '00000018'],
  [
    'SaveVideo',
    { format: 'mkv', codec: 'h264' },
    'ComfyUI_00001_.mkv',
    'video',
    'video/x-matroska',
    '1a45dfa3',
  ],
  ['SaveLatent', {}, 'ComfyUI_00001_.latent', 'latents', 'application/octet-stream', ''],
] as const)('%s %j writes %s', async (className, inputs, filename, subfolder, type, magic) => {
  const ran = await runClass(className, inputs)
  expect(ran.outcome).toBe('success')
  const key = className === 'SaveLatent' ? 'latents' : 'images'
  expect(ran.ui[key]?.[0]).toEqual({ filename, subfolder, type: 'output' })
  expect(ran.ui['animated']).toEqual(/Animated|WEBM|Video/.test(className) ? [true] : undefined)
  expect(ran.ui[key]).toHaveLength(className === 'SaveImage' ? 2 : 1)
  expect(ran.type).toBe(type)
  expect(ran.journaled[0]).toBe(type)
  expect(ran.bytes.toString('hex').startsWith(magic)).toBe(true)
  expect(readFileSync(ran.path).equals(ran.bytes)).toBe(true)
})
