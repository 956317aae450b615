/** The chain beyond one video: several prompts, pictures, buttons, queue files, settings files, failures. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { within } from './testing/chain.ts'
import { componentId, uploadFile, type WireSession, wireSession } from './testing/session.ts'
import { startTestTwin, type TestTwin } from './testing/twin-in-folder.ts'
import { openStream, readUntil, type WireMessage } from './testing/wire.ts'

let twin: TestTwin
let session: WireSession

beforeEach(async () => {
  twin = await startTestTwin()
  session = wireSession(twin.url, 's')
})

afterEach(async () => {
  await twin[Symbol.asyncDispose]()
})

const wish = { prompt: 'a cat', seed: 7, steps: 3 }
const loadQueue = async (file: unknown, triggerId?: number): Promise<unknown> =>
  (await session.call('load_queue_action', [file, null], triggerId)).data[0]
const button = (): Promise<number> => componentId(twin.url, 'load_queue_btn')
const queueZip = (tasks: unknown, others: Record<string, string> = {}): Uint8Array<ArrayBuffer> => {
  const files = Object.entries({ 'queue.json': JSON.stringify(tasks), ...others })
  return new Uint8Array(zipSync(Object.fromEntries(files.map(([name, text]) => [name, strToU8(text)]))))
}
const loadedTask = (prompt: string): unknown => ({
  id: 1,
  params: {
    model_type: 't2v',
    prompt,
    seed: 5,
    num_inference_steps: 2,
    resolution: '64x64',
    video_length: 4,
  },
})

test('each line of the prompt is a task of its own, and all of them run in one call', async () => {
  // The status call looks now and then, as the real one does: a few steps could pass unseen on a busy machine.
  await session.addTask({ ...wish, prompt: 'one\n# not this\n\ntwo', steps: 30 })
  await session.join('refresh_status_async')
  await session.join('process_tasks')
  const seen = await session.follow('close_stream')
  const texts = seen.flatMap(
    ({ progress_data: units }) => (units as { desc: string }[] | undefined)?.[0]?.desc ?? [],
  )
  expect(texts.some((text) => text.startsWith('Prompt 2/2 - Denoising'))).toBe(true)
  const names = (await session.gallery()).map(({ video }) => video?.path.replace(/.*_seed7_/, ''))
  expect(names).toEqual(['one.mp4', 'two.mp4'])
})

test('image mode makes as many pictures as the batch is large', async () => {
  await session.addTask(wish, { 4: 1, 12: 2 })
  await session.generate()
  const images = (await session.gallery()).map(({ image }) => image)
  expect(images).toMatchObject([{ mime_type: 'image/jpeg' }, { mime_type: 'image/jpeg' }])
  const bytes = Buffer.from(await (await fetch(images[0]?.url ?? '')).arrayBuffer())
  expect(bytes.subarray(0, 2).toString('hex')).toBe('ffd8')
  expect(images[0]?.path).toMatch(/\.jpg$/)
  expect(new Set(twin.journalled('output').map(({ sha256 }) => sha256)).size).toBe(2)
})

describe('while it runs', () => {
  async function running(steps: number): Promise<{ readonly done: Promise<unknown> }> {
    await session.addTask({ ...wish, steps })
    await session.join('process_tasks')
    const done = session.follow('close_stream')
    await within('start', twin.journalHas('job-started'))
    return { done }
  }

  test('an early stop ends it with a file', async () => {
    const { done } = await running(1000)
    await session.call('early_stop_generation', [null])
    const beginMs = performance.now()
    await done
    expect(await session.gallery()).toHaveLength(1)
    expect(performance.now() - beginMs).toBeLessThan(3000)
  })

  test('a pause holds it until it is resumed', async () => {
    await session.addTask({ ...wish, steps: 8 })
    await session.join('refresh_status_async')
    await session.join('process_tasks')
    await within('start', twin.journalHas('job-started'))
    await session.join('pause_generation')
    const stream = await openStream(twin.url, session.hash)
    const isPaused = ({ progress_data: units }: WireMessage): boolean =>
      (units as { desc: string }[] | undefined)?.[0]?.desc === 'Paused'
    for (let message = await stream.next(); message !== undefined && !isPaused(message); ) {
      message = await stream.next()
    }
    expect(twin.journalled('output')).toEqual([])
    await session.call('resume_generation', [null])
    await readUntil(stream, 'close_stream')
    expect(twin.journalled('output')).toHaveLength(1)
  })

  test('one more sample is made with the next seed', async () => {
    const { done } = await running(10)
    await session.call('one_more_sample', [null])
    await done
    const names = (await session.gallery()).map(({ video }) => video?.path.replace(/.*_seed/, ''))
    expect(names).toEqual(['7_a cat.mp4', '8_a cat.mp4'])
  })

  test('an abort by client id takes only what that client has', async () => {
    await session.addTask({ ...wish, steps: 40 }, { 3: 'mine' })
    await session.addTask({ ...wish, prompt: 'other', steps: 2 }, { 3: 'other' })
    await session.join('process_tasks')
    const done = session.follow('close_stream')
    await within('start', twin.journalHas('job-started'))
    await session.call('abort_generation', [null, 'other'])
    await done
    expect((await session.gallery()).map(({ video }) => video?.path.replace(/.*_seed7_/, ''))).toEqual([
      'a cat.mp4',
    ])
  })
})

test('waiting tasks are moved and removed by the words of the table', async () => {
  for (const prompt of ['running', 'b', 'c', 'd']) await session.addTask({ ...wish, prompt })
  const html = async (action: string): Promise<string[]> => {
    const { data } = await session.call('handle_queue_action', [null, action])
    return [...String(data[0]).matchAll(/<td>1<\/td><td>(.*?)<\/td>/g)].map(([, prompt = '']) => prompt)
  }
  expect(await html('')).toEqual(['b', 'c', 'd'])
  expect(await html('move_2_to_0')).toEqual(['d', 'b', 'c'])
  expect(await html('remove_2')).toEqual(['d', 'c'])
  expect(await html('remove_99')).toEqual(['d', 'c'])
  expect((await session.call('clear_queue_action', [null])).data[0]).toContain('Queue is empty')
})

describe('queue files', () => {
  /** What the user is told when a file is loaded. Toasts come by the queue only. */
  async function warningAbout(bytes: Uint8Array<ArrayBuffer>): Promise<unknown> {
    const file = await uploadFile(twin.url, 'q.zip', bytes)
    await session.join('load_queue_action', [file, null], await button())
    const seen = await session.follow()
    return seen.find(({ msg, level }) => msg === 'log' && level === 'warning')?.['log']
  }

  const savedQueue = (name = 'queue.zip'): unknown =>
    JSON.parse(strFromU8(unzipSync(readFileSync(join(twin.folder, name)))['queue.json'] ?? new Uint8Array()))

  test('an upload is taken only if the call says which button it was', async () => {
    const file = await uploadFile(
      twin.url,
      'q.zip',
      queueZip([loadedTask('from a file'), loadedTask('second')]),
    )
    expect(await loadQueue(file)).toBeNull()
    expect(await loadQueue(file, 99_999)).toBeNull()
    expect(await loadQueue(file, await button())).toContain('second')
    await session.call('activate_status', [null])
    const seen = await session.generate('process_tasks_1')
    expect(seen.at(-1)).toMatchObject({ msg: 'process_completed', success: true })
    const { data } = await session.call('finalize_generation_with_state', [null])
    expect(data).toHaveLength(14)
    expect((data[2] as { value: unknown[] }).value).toHaveLength(2)
  })

  test.each([
    ['no manifest', zipSync({ 'x.json': strToU8('[]') }), 'queue.json not found in zip file'],
    ['no zip', strToU8('PK'), 'File is not a zip file'],
    ['no list', queueZip({}), 'must contain a list'],
    [
      'an unknown model',
      queueZip([{ id: 1, params: { model_type: 'x', prompt: 'a' } }]),
      'Unknown model type: x',
    ],
    ['no model', queueZip([{ id: 1, params: { prompt: 'a' } }]), "must contain 'model_type'"],
    ['no task', queueZip([]), 'No valid task'],
    ['nonsense for tasks', queueZip([null, 3, { id: 'x' }]), "must contain 'model_type'"],
  ])('a file with %s is refused with a warning', async (_name, bytes, text) => {
    expect(await warningAbout(new Uint8Array(bytes))).toContain(text)
  })

  test('names in a zip and paths in its tasks lead nowhere', async () => {
    const params = {
      model_type: 't2v',
      prompt: 'x',
      image_start: '/etc/passwd',
      image_refs: ['../../secret', 'a.png'],
    }
    const bytes = queueZip([{ id: 1, params }], { '../../evil.txt': 'x', '/tmp/evil.txt': 'x', 'a.png': 'x' })
    await loadQueue(await uploadFile(twin.url, 'q.zip', bytes), await button())
    await twin.restart()
    const saved = savedQueue()
    expect(saved).toMatchObject([{ params: { prompt: 'x' } }])
    expect(JSON.stringify(saved)).not.toMatch(/passwd|secret/)
    expect(existsSync(join(twin.folder, '..', 'evil.txt'))).toBe(false)
  })

  test('a zip that unpacks to too much is refused', async () => {
    const bytes = new Uint8Array(zipSync({ 'queue.json': new Uint8Array(300e6) }, { level: 1 }))
    expect(bytes.length).toBeLessThan(5e6)
    expect(await warningAbout(bytes)).toContain('too large')
    expect((await fetch(`${twin.url}/config`)).status).toBe(200)
  })

  test('a settings JSON loses its attachments on the way through the page', async () => {
    const settings = { model_type: 't2v', prompt: 'json', video_source: '/etc/passwd' }
    const file = await uploadFile(
      twin.url,
      'q.json',
      JSON.stringify([settings, { ...settings, prompt: 'two' }]),
    )
    expect(await loadQueue(file, await button())).toContain('two')
    await twin.restart()
    expect(savedQueue()).toMatchObject([{ params: { prompt: 'json' } }, { params: { prompt: 'two' } }])
    expect(JSON.stringify(savedQueue())).not.toContain('passwd')
  })

  test('a file that was not uploaded is not read', async () => {
    expect(await session.call('load_queue_action', [{ path: '/etc/passwd' }, null], await button())).toEqual({
      error: null,
    })
  })

  test('the queue is saved at exit, and the next page load takes it and runs it', async () => {
    await session.addTask(wish)
    await session.addTask({ ...wish, prompt: 'later' })
    await twin.restart()
    expect(existsSync(join(twin.folder, 'queue.zip'))).toBe(true)
    const fresh = wireSession(twin.url, 'another')
    expect((await fresh.call('load_queue_action', [null, null])).data[0]).toContain('later')
    expect(existsSync(join(twin.folder, 'queue.zip'))).toBe(false)
    await fresh.generate('process_tasks_1')
    expect(await fresh.gallery()).toHaveLength(2)
  })
})

test('settings go out as base64 and come back from a file', async () => {
  await session.addTask(wish)
  const [text, name] = (await session.call('export_settings', [null])).data
  expect(name).toBe('t2v_settings.json')
  const settings = JSON.parse(Buffer.from(String(text), 'base64').toString()) as object
  expect(settings).toMatchObject({ model_type: 't2v', prompt: 'a cat', seed: 7, settings_version: 2.74 })
  const other = wireSession(twin.url, 'other')
  const file = await uploadFile(twin.url, 's.json', JSON.stringify({ ...settings, prompt: 'loaded' }))
  await other.call('load_settings_from_file', [null, file])
  await other.call('process_prompt_and_add_tasks', [null, 0, 't2v'])
  await other.generate()
  expect((await other.gallery())[0]?.video?.path).toMatch(/_seed7_loaded\.mp4$/)
})

test('the GPU has as much memory as it is given, and gives back what a job took', async () => {
  const figures = (of: TestTwin): unknown => (of.state() as { vram: unknown }).vram
  await session.addTask(wish)
  await session.generate()
  expect(figures(twin)).toMatchObject({ totalBytes: 24 * 1024 ** 3, usedBytes: 6 * 1024 ** 3 })
  await using small = await startTestTwin({ 'vram-gib': '5' })
  const other = wireSession(small.url, 's')
  await other.addTask(wish)
  expect((await other.generate()).at(-1)).toMatchObject({
    output: { error: expect.stringContaining('unsufficient VRAM') as unknown },
  })
  expect(figures(small)).toMatchObject({ usedBytes: 0 })
  await expect(startTestTwin({ 'vram-gib': 'x' })).rejects.toMatchObject({ code: 'bad-flag' })
})

test('a job that is too large runs out of memory, and the whole queue is lost', async () => {
  await session.addTask({ ...wish, resolution: '3840x2160', frames: 200 })
  await session.addTask({ ...wish, prompt: 'innocent' })
  const seen = await session.generate()
  expect(seen.at(-1)).toMatchObject({
    success: false,
    title: 'Error',
    output: { error: expect.stringContaining('unsufficient VRAM') as unknown, duration: 0, visible: true },
  })
  expect((await session.call('handle_queue_action', [null, ''])).data[0]).toContain('Queue is empty')
  const saved =
    unzipSync(readFileSync(join(twin.folder, 'error_queue.zip')))['queue.json'] ?? new Uint8Array()
  expect(JSON.parse(strFromU8(saved))).toMatchObject([{ id: 1 }, { id: 2, params: { prompt: 'innocent' } }])
  expect(twin.journalled('job-finished')).toMatchObject([{ outcome: 'error' }])
  await session.addTask({ ...wish, prompt: 'after' })
  await session.generate()
  expect(await session.gallery()).toHaveLength(1)
})
