/** Order and addressees of events, against what was recorded from the real server. */
import { expect, test } from 'vitest'
import { connect, type Frame, getJson, isEndOf, startComfyui, submit } from './testing/observed-twin.ts'
import { sd15Graph, smallGraph } from './testing/sd15-graph.ts'

/** A frame in one word, like `executing 4` or `progress 1/2`. */
function inShort({ type, data }: Frame): string {
  if (type === 'status') return `status ${JSON.stringify(data['status']).match(/\d+/)?.[0]}`
  if (type === 'executing' || type === 'executed') return `${type} ${String(data['node'])}`
  if (type === 'progress') return `progress ${String(data['value'])}/${String(data['max'])}`
  if (type !== 'progress_state') return type
  const [id, last] = Object.entries(data['nodes'] as Record<string, Record<string, unknown>>).at(-1) ?? []
  const running = Object.values(data['nodes'] as Record<string, { state: string; node_id: string }>).find(
    ({ state }) => state === 'running',
  )
  return `progress_state ${running?.node_id ?? id} ${running?.state ?? String(last?.['state'])}`
}

test('a text-to-image run sends the recorded sequence', async () => {
  await using twin = await startComfyui()
  const client = await connect(twin.url, 'client-a')
  const id = await submit(twin.url, sd15Graph({ steps: 2 }), 'client-a')
  await client.until(isEndOf(id))
  const node = (name: string, ...inside: string[]): string[] => {
    const running = `progress_state ${name} running`
    return [running, `executing ${name}`, ...inside, 'progress_state * finished']
  }
  const shortened = client.frames
    .map(inShort)
    .map((word) => word.replace(/progress_state \d+ finished/, 'progress_state * finished'))
  const tick = (value: number) => ['progress_state 3 running', `progress ${value}/2`]
  expect(shortened).toEqual([
    'status 0',
    'status 1',
    'status 1',
    'execution_start',
    'execution_cached',
    ...['4', '5', '7', '6'].flatMap((name) => node(name)),
    ...node('3', ...tick(1), ...tick(2)),
    ...node('8'),
    ...node('9', 'executed 9'),
    'execution_success',
    'status 0',
    'executing null',
  ])
})

test('the history entry has the recorded shape and is there when the run ends', async () => {
  await using twin = await startComfyui()
  const client = await connect(twin.url, 'client-a')
  const id = await submit(twin.url, smallGraph(), 'client-a')
  await client.until(isEndOf(id))
  const timestamp = expect.any(Number) as number
  expect(await getJson(`${twin.url}/history/${id}`)).toEqual({
    [id]: {
      prompt: [0, id, smallGraph(), { client_id: 'client-a', create_time: timestamp }, ['2']],
      outputs: { 2: { images: [{ filename: 'small_00001_.png', subfolder: '', type: 'output' }] } },
      status: {
        status_str: 'success',
        completed: true,
        messages: [
          ['execution_start', { prompt_id: id, timestamp }],
          ['execution_cached', { nodes: [], prompt_id: id, timestamp }],
          ['execution_success', { prompt_id: id, timestamp }],
        ],
      },
      meta: { 2: { node_id: '2', display_node: '2', parent_node: null, real_node_id: '2' } },
    },
  })
})

test('the same workflow again is cached whole; only the previous prompt counts', async () => {
  await using twin = await startComfyui()
  const client = await connect(twin.url, 'client-a')
  const run = async (color: number) => {
    const before = client.frames.length
    const id = await submit(twin.url, smallGraph(color), 'client-a')
    await client.until(isEndOf(id))
    return client.frames.slice(before)
  }
  await run(1)
  const again = await run(1)
  expect(again.map(inShort)).toEqual([
    'status 1',
    'status 1',
    'execution_start',
    'execution_cached',
    'executed 2',
    'progress_state 2 finished',
    'execution_success',
    'status 0',
    'executing null',
  ])
  expect(again.find(({ type }) => type === 'execution_cached')?.data['nodes']).toEqual(['1', '2'])
  const output = again.find(({ type }) => type === 'executed')?.data['output']
  expect(output).toEqual({ images: [{ filename: 'small_00001_.png', subfolder: '', type: 'output' }] })
  await run(2)
  expect((await run(1)).map(inShort)).toContain('executing 1')
})

test('others hear of the queue only; without a client id progress goes to everybody', async () => {
  await using twin = await startComfyui()
  const submitter = await connect(twin.url, 'client-a')
  const other = await connect(twin.url, 'client-b')
  const id = await submit(twin.url, sd15Graph({ steps: 1 }), 'client-a')
  await submitter.until(isEndOf(id))
  const types = (frames: readonly Frame[]) => [...new Set(frames.map(({ type }) => type))].sort()
  expect(types(other.frames)).toEqual(['status'])
  const before = other.frames.length
  await submit(twin.url, sd15Graph({ steps: 1, seed: 2 }))
  await expect.poll(async () => (await getJson(`${twin.url}/queue`))['queue_running']).toEqual([])
  await expect.poll(() => types(other.frames.slice(before))).toEqual(['progress', 'progress_state', 'status'])
})

test('an interrupted run ends as an error without execution_error, and the queue goes on', async () => {
  await using twin = await startComfyui({ timeScale: 0.05 })
  const client = await connect(twin.url, 'client-a')
  const stopped = await submit(twin.url, sd15Graph({ steps: 10_000 }), 'client-a')
  const next = await submit(twin.url, smallGraph(), 'client-a')
  await client.until(({ type }) => type === 'progress')
  await fetch(`${twin.url}/interrupt`, { method: 'POST', body: JSON.stringify({ prompt_id: next }) })
  expect(client.frames.some(({ type }) => type === 'execution_interrupted')).toBe(false)
  await fetch(`${twin.url}/interrupt`, { method: 'POST' })
  await client.until(isEndOf(stopped))
  const interrupted = client.frames.find(({ type }) => type === 'execution_interrupted')
  expect(interrupted?.data).toMatchObject({ prompt_id: stopped, node_id: '3', node_type: 'KSampler' })
  expect(client.frames.some(({ type }) => type === 'execution_error')).toBe(false)
  const entry = (await getJson(`${twin.url}/history/${stopped}`))[stopped] as { status: unknown }
  expect(entry.status).toMatchObject({ status_str: 'error', completed: false })
  await client.until(isEndOf(next))
  const outcomes = twin.journal.filter(({ event }) => event === 'job-finished').map((line) => line['outcome'])
  expect(outcomes).toEqual(['interrupted', 'success'])
})

test.each([
  [{ images: 'x', filename_prefix: 'v' }, 'AttributeError', "'str' object has no attribute 'shape'\n"],
  [{ images: ['1', 0], filename_prefix: '../v' }, 'Exception', /^\*\*\*\* ERROR: Saving image outside/],
])('a node that fails at run time: %o', async (inputs, type, message) => {
  await using twin = await startComfyui()
  const client = await connect(twin.url, 'client-a')
  const graph = { ...smallGraph(), 2: { class_type: 'SaveImage', inputs } }
  const id = await submit(twin.url, graph, 'client-a')
  await client.until(isEndOf(id))
  const error = client.frames.find((frame) => frame.type === 'execution_error')
  expect(error?.data).toMatchObject({ node_id: '2', node_type: 'SaveImage', exception_type: type })
  expect(error?.data['exception_message']).toMatch(message)
})
