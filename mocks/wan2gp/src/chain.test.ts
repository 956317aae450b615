/** The whole generate chain, driven by the real client in its newest and its contemporary version. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type ChainClient,
  type ChainEvent,
  endpoint,
  follow,
  generate,
  prepare,
  step,
  within,
} from './testing/chain.ts'
import { type ClientVersion, type Connection, clientVersions } from './testing/clients.ts'
import { startTestTwin, type TestTwin } from './testing/twin-in-folder.ts'

let twin: TestTwin
let connections: Connection[]

beforeEach(async () => {
  twin = await startTestTwin()
  connections = []
})

afterEach(async () => {
  for (const { close } of connections) close()
  await twin[Symbol.asyncDispose]()
})

async function connect(version: ClientVersion): Promise<ChainClient> {
  const connection = await within('connect', clientVersions[version](twin.url))
  connections.push(connection)
  return connection.client
}

async function fetchBytes(url: string | undefined): Promise<Buffer> {
  const response = await within('file', fetch(url ?? 'http://no-url'))
  expect(response.status).toBe(200)
  return Buffer.from(await response.arrayBuffer())
}

const journalled: TestTwin['journalled'] = (event) => twin.journalled(event)
const stepsSeen = (events: ChainEvent[]): number[] =>
  events.flatMap(({ progress_data: units }) => units?.[0]?.index ?? [])

describe.each(Object.keys(clientVersions) as ClientVersion[])('client %s', (version) => {
  test('makes a video and sees its progress', async () => {
    const client = await connect(version)
    await prepare(client, { prompt: 'a cat on a roof', seed: 42, steps: 20 })
    const { status, tasks, url } = await generate(client)

    const bytes = await fetchBytes(url)
    expect(bytes.subarray(4, 8).toString()).toBe('ftyp')
    expect(bytes.includes('moov')).toBe(true)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const [accepted] = journalled('job-accepted')
    expect(journalled('output')).toMatchObject([
      { jobId: accepted?.['jobId'], sha256, bytes: bytes.length, mediaType: 'video/mp4' },
    ])
    expect(journalled('job-finished')).toMatchObject([{ jobId: accepted?.['jobId'], outcome: 'success' }])
    expect(url).toContain(`/gradio_api/file=${join(twin.folder, 'gradio', sha256)}/`)
    expect(url).toMatch(/\d{4}-\d\d-\d\d-\d\dh\d\dm\d\ds_seed42_a cat on a roof\.mp4$/)

    const seen = stepsSeen(status)
    expect(seen.length).toBeGreaterThan(3)
    expect(seen.length).toBeLessThan(30)
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    expect(status.some(({ data }) => String(data).startsWith('Total Generation Time'))).toBe(true)
    // Diffs were applied by the client: every value must be a whole timestamp or a whole update.
    const rows = tasks.filter(({ type }) => type === 'data').map(({ data }) => data as unknown[])
    expect(rows.length).toBeGreaterThan(20)
    for (const [preview] of rows) expect(preview).toMatch(/^\d{10}\.\d{6}$/)
  })

  test('a second session waits for the first and then gets its own video', async () => {
    const [first, second] = [await connect(version), await connect(version)]
    await prepare(first, { prompt: 'first', seed: 1, steps: 30 })
    await prepare(second, { prompt: 'second', seed: 2, steps: 5 })
    const running = generate(first)
    await within('first job starts', twin.journalHas('job-started'))
    const waiting = await generate(second)
    const done = await running

    const queued = waiting.tasks.filter(({ size }) => size !== undefined)
    expect(queued).toMatchObject([{ stage: 'pending', position: 0, size: 1 }])
    const slotTaken = waiting.tasks.find(({ original_msg: msg }) => msg === 'process_starts')
    expect(slotTaken?.time?.getTime()).toBeGreaterThanOrEqual(
      Math.floor(journalled('job-finished')[0]?.at ?? 0),
    )
    expect(stepsSeen(done.status).length).toBeGreaterThan(0)
    expect(journalled('job-started').map(({ jobId }) => jobId)).toEqual(
      journalled('job-accepted').map(({ jobId }) => jobId),
    )
    expect((await fetchBytes(waiting.url)).equals(await fetchBytes(done.url))).toBe(false)
  })

  test('step 4 without a kept form tells the user to refresh the page', async () => {
    const client = await connect(version)
    const refused = client.predict(endpoint(client, 'process_prompt_and_add_tasks'), [0, 't2v'])
    const error: unknown = await within(
      'step 4',
      refused.catch((reason: unknown) => reason),
    )
    expect(error).toMatchObject({ message: expect.stringContaining('Please refresh the page') as unknown })
  })
})

test('the same prompt and seed make the same file, another seed another', async () => {
  const client = await connect('2.7')
  for (const seed of [5, 5, 6]) {
    await prepare(client, { prompt: 'a boat', seed, steps: 2 })
    await generate(client)
  }
  const [one, two, three] = journalled('output').map(({ sha256 }) => sha256)
  expect(one).toBe(two)
  expect(one).not.toBe(three)
})

test('previews are images and the gallery grows while the session lives', async () => {
  const client = await connect('2.7')
  await prepare(client, { prompt: 'a kite', seed: 3, steps: 20 })
  const running = generate(client)
  await within('first job starts', twin.journalHas('job-started'))
  await within('preview', seePreview(client))
  await running
  const gallery = (await step(client, 'refresh_gallery'))[2] as { value: unknown[] }
  expect(gallery.value).toHaveLength(1)
})

test('named arguments work: /info knows names and defaults of the form', async () => {
  const client = await connect('2.7')
  const form = { target: 'state', image_mask_guide: null, prompt: 'by name', seed: 9, num_inference_steps: 2 }
  await within('save_inputs', client.predict(endpoint(client, 'save_inputs'), form))
  await step(client, 'process_prompt_and_add_tasks', [0, 't2v'])
  const { url } = await generate(client)
  expect(url).toMatch(/_seed9_by name\.mp4$/)
})

test('after a restart the old session must start over, and old files are still there', async () => {
  const client = await connect('2.7')
  await prepare(client, { prompt: 'before', seed: 1, steps: 1 })
  const { url } = await generate(client)
  const appId = async (): Promise<string> => await (await fetch(`${twin.url}/gradio_api/app_id`)).text()
  const before = await appId()
  await twin.restart()
  expect(await appId()).not.toBe(before)
  const refused = client.predict(endpoint(client, 'process_prompt_and_add_tasks'), [0, 't2v'])
  const error: unknown = await within(
    'step 4',
    refused.catch((reason: unknown) => reason),
  )
  expect(error).toMatchObject({ message: expect.stringContaining('has been restarted') as unknown })
  expect((await fetchBytes(url)).length).toBeGreaterThan(0)
})

test('an abort ends the job at the next step and leaves no file', async () => {
  const client = await connect('2.7')
  await prepare(client, { prompt: 'never', seed: 3, steps: 200 })
  const running = generate(client)
  await within('first job starts', twin.journalHas('job-started'))
  await step(client, 'abort_generation', [''])
  const { url } = await running
  expect(url).toBeUndefined()
  expect(journalled('job-finished')).toMatchObject([{ outcome: 'interrupted' }])
  expect(journalled('output')).toEqual([])
})

test('a job of a session that lost its tasks ends at once and counts as an error', async () => {
  const client = await connect('2.7')
  const events = await follow(client, 'process_tasks')
  expect(events.at(-1)).toMatchObject({ type: 'status', stage: 'complete' })
  expect(journalled('job-finished')).toMatchObject([{ outcome: 'error' }])
})

async function seePreview(client: ChainClient): Promise<void> {
  for (;;) {
    const [html] = await step(client, 'refresh_preview')
    if (String(html).startsWith('<img src="data:image/png;base64,')) return
  }
}
