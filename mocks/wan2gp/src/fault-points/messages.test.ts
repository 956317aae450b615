/** Each message of a stream can be lost, doubled and cut, and a reader of the stream sees it. */
import type { Action } from '@squall/twin-kit'
import { expect, test } from 'vitest'
import { type MessagePoint, points } from '../points.ts'
import { within } from '../testing/chain.ts'
import { wireSession } from '../testing/session.ts'
import { startTestTwin, type TestTwin } from '../testing/twin-in-folder.ts'

/** How a stream was read: the kinds of its messages in order, and how it ended. */
type Reading = { readonly seen: readonly string[]; readonly end: 'end' | 'broken' | 'open' }

/** How long a silent stream is listened to. Those that end by themselves get long, for slow machines. */
const silenceMs = 500
const endMs = 8000

/** Reads the events of a stream until it ends, breaks, or is silent for too long. `kindOf` names an event. */
async function read(url: string, kindOf: (event: string) => string, patienceMs: number): Promise<Reading> {
  let text = ''
  let end: Reading['end'] = 'end'
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(patienceMs) })
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk as Uint8Array).toString()
  } catch (error) {
    end = (error as Error).name === 'TimeoutError' ? 'open' : 'broken'
  }
  return { seen: text.split('\n\n').filter(Boolean).map(kindOf), end }
}

const msgOf = (event: string): string => {
  try {
    return (JSON.parse(event.slice('data: '.length)) as { msg: string }).msg
  } catch {
    return 'damaged'
  }
}

const data = (twin: TestTwin, patienceMs: number, session = 's'): Promise<Reading> =>
  read(`${twin.url}/gradio_api/queue/data?session_hash=${session}`, msgOf, patienceMs)

/** A short job with its status call: every message of the queue but `heartbeat` and `unexpected_error`. */
async function readJob(twin: TestTwin, patienceMs: number): Promise<Reading> {
  const session = wireSession(twin.url, 's')
  await session.addTask({ prompt: 'a', seed: 1, steps: 6 })
  await session.join('process_tasks')
  await session.join('abort_generation', [null, ''])
  await session.join('refresh_status_async')
  return data(twin, patienceMs)
}

/** A stream that carries each message, and the name by which it is seen there. A missing point does not compile. */
const streams: Readonly<
  Record<
    MessagePoint,
    readonly [kind: string, read: (twin: TestTwin, patienceMs: number) => Promise<Reading>]
  >
> = {
  'wan2gp.sse.estimation': ['estimation', readJob],
  'wan2gp.sse.process-starts': ['process_starts', readJob],
  'wan2gp.sse.progress': ['progress', readJob],
  'wan2gp.sse.log': ['log', readJob],
  'wan2gp.sse.process-generating': ['process_generating', readJob],
  'wan2gp.sse.process-completed': ['process_completed', readJob],
  'wan2gp.sse.close-stream': ['close_stream', readJob],
  'wan2gp.sse.heartbeat': ['heartbeat', (twin, patienceMs) => heartbeat(twin, patienceMs)],
  'wan2gp.sse.unexpected-error': ['unexpected_error', (twin, patienceMs) => data(twin, patienceMs, 'nobody')],
  'wan2gp.sse.call': [
    'event: complete',
    async (twin, patienceMs) => {
      const url = `${twin.url}/gradio_api/call/activate_status`
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(url, { method: 'POST', headers, body: '{"data":[null]}' })
      const { event_id: id } = (await answer.json()) as { event_id: string }
      return read(`${url}/${id}`, (event) => event.split('\n')[0] ?? '', patienceMs)
    },
  ],
  'wan2gp.sse.alive': [
    'data: ALIVE',
    (twin, patienceMs) => read(`${twin.url}/gradio_api/heartbeat/s`, (event) => event, patienceMs),
  ],
  'wan2gp.sse.upload': [
    'update',
    async (twin, patienceMs) => {
      const url = `${twin.url}/gradio_api/upload_progress?upload_id=u`
      const reading = read(url, msgOf, patienceMs)
      const form = new FormData()
      form.append('files', new Blob(['xyz']), 'a.png')
      await fetch(`${twin.url}/gradio_api/upload?upload_id=u`, { method: 'POST', body: form })
      return await reading
    },
  ],
}

/** A call that waits, so that only heartbeats come. */
async function heartbeat(twin: TestTwin, patienceMs: number): Promise<Reading> {
  const session = wireSession(twin.url, 's')
  await session.addTask({ prompt: 'a', seed: 1, steps: 1 })
  await twin.break({ point: 'wan2gp.queue.slot', action: { kind: 'stall' } })
  await session.join('process_tasks')
  return data(twin, patienceMs)
}

const names = Object.keys(streams) as MessagePoint[]

test.each(names)('%s: lost, doubled, cut and ended', async (point) => {
  const [kind, readStream] = streams[point]
  const isEndless = ['heartbeat', 'data: ALIVE'].includes(kind)
  const look = async (action: Action | undefined): Promise<Reading & { count: number }> => {
    await using twin = await startTestTwin({ 'heartbeat-s': '0.15' })
    if (action !== undefined) await twin.break({ point, action, when: { times: 1 } })
    const isEnding = ['cut', 'close', 'reset'].includes(action?.kind ?? '')
    const isSilent = action?.kind === 'stall' || (isEndless && !isEnding)
    const reading = await within('stream', readStream(twin, isSilent ? silenceMs : endMs))
    const faults = twin.faults.list().filter((fault) => fault.point === point)
    expect(faults.map(({ applied }) => applied)).toEqual(action === undefined ? [] : [1])
    return { ...reading, count: reading.seen.filter((name) => name === kind).length }
  }
  const usual = await look(undefined)
  expect(usual.count).toBeGreaterThan(0)
  const few = usual.count
  // What follows the clock does not come equally often twice; that it was dropped is what the receipt says.
  const isTimed = isEndless || ['progress', 'process_generating'].includes(kind)
  const lost = await look({ kind: 'drop' })
  const doubled = await look({ kind: 'duplicate', times: 20 })
  expect(isTimed || lost.count < few).toBe(true)
  expect(doubled.count).toBeGreaterThan(few + 10)
  expect((await look({ kind: 'cut' })).end).toBe('broken')
  expect((await look({ kind: 'close' })).end).toBe('end')
  expect((await look({ kind: 'reset' })).end).toBe('broken')
  expect((await look({ kind: 'stall' })).end).toBe('open')
})

test('every message point of the catalog is one of these', () => {
  const shaped = Object.entries(points).filter(([, { shape }]) => shape === 'message')
  expect(shaped.map(([name]) => name).toSorted()).toEqual(names.toSorted())
})
