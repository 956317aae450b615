/** What a crash takes and what it leaves, and the promise that the same workflow gives the same bytes again. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { StartedTwin } from '@squall/twin-kit'
import { expect, test } from 'vitest'
import { connect, getJson, isEndOf, startComfyui, submit, temporaryFolder } from './testing/observed-twin.ts'
import { sd15Graph } from './testing/sd15-graph.ts'

async function runToEnd(twin: StartedTwin): Promise<string> {
  const client = await connect(twin.url, 'client-a')
  const id = await submit(twin.url, sd15Graph(), 'client-a')
  await client.until(isEndOf(id))
  return id
}

function outputsOf(twin: StartedTwin) {
  return twin.journal
    .filter(({ event }) => event === 'output')
    .map(({ file, sha256, bytes }) => ({ file, sha256, bytes }))
}

test('files survive; queue, history, numbers and previews do not', async () => {
  const dataFolder = temporaryFolder()
  const first = await startComfyui({ dataFolder })
  const id = await runToEnd(first)
  const preview = {
    ...sd15Graph({ seed: 2 }),
    9: { class_type: 'PreviewImage', inputs: { images: ['8', 0] } },
  }
  await submit(first.url, preview)
  await expect.poll(() => outputsOf(first)).toHaveLength(2)
  const previewFile = join(dataFolder, 'temp', String(outputsOf(first)[1]?.file))
  expect(existsSync(previewFile)).toBe(true)
  await first[Symbol.asyncDispose]()

  await using second = await startComfyui({ dataFolder, port: first.port })
  expect(second.url).toBe(first.url)
  expect(await getJson(`${second.url}/history/${id}`)).toEqual({})
  expect(existsSync(previewFile)).toBe(false)
  expect((await fetch(`${second.url}/view?filename=ComfyUI_00001_.png`)).status).toBe(200)
  const again = await runToEnd(second)
  const entry = (await getJson(`${second.url}/history/${again}`))[again] as { prompt: unknown[] }
  expect(entry.prompt[0]).toBe(0)
  const [before, after] = [outputsOf(first)[0], outputsOf(second)[0]]
  expect([before?.file, after?.file]).toEqual(['ComfyUI_00001_.png', 'ComfyUI_00002_.png'])
  expect(after?.sha256).toBe(before?.sha256)
})

test('a stopped server drops its clients without a close frame', async () => {
  const twin = await startComfyui({ timeScale: 1 })
  const client = await connect(twin.url, 'client-a')
  await submit(twin.url, sd15Graph(), 'client-a')
  await client.until(({ type }) => type === 'executing')
  const closed = new Promise<number>((resolve) => client.socket.once('close', resolve))
  await twin[Symbol.asyncDispose]()
  expect(await closed).toBe(1006)
  expect(twin.journal.some(({ event }) => event === 'job-finished')).toBe(false)
})
