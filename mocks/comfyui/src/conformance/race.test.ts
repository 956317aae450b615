/**
 * Golden 18: how often the history entry is not there yet when a completion signal arrives. The recording is a
 * statistic, so what it never saw must never happen here either; how often the rest happens is chance.
 */
import { expect, test } from 'vitest'
import { connect, getJson, startComfyui, submit } from '../testing/observed-twin.ts'
import { readRecording } from './recording.ts'

const signals = {
  'executed(SaveImage)': 'executed',
  execution_success: 'execution_success',
  'executing null': 'executing',
} as const

type Signal = keyof typeof signals
type Counts = { samples: number; empty: number; running: number }

/** The counts in the note about prompts of that size. */
function recordedCounts(size: string): Map<Signal, Counts> {
  const note = readRecording('18-completion-vs-history-race').find(
    (event) => event.k === 'note' && event.text.startsWith(size),
  )
  const text = note?.k === 'note' ? note.text : ''
  const found = text.matchAll(
    /after (.+?): (\d+) samples, history empty in (\d+), still listed as running in (\d+)/g,
  )
  return new Map(
    [...found].map(([, signal, samples, empty, running]) => [
      signal as Signal,
      { samples: Number(samples), empty: Number(empty), running: Number(running) },
    ]),
  )
}

/** One prompt, with a look at history and queue as soon as the signal is here. */
async function sample(
  url: string,
  signal: Signal,
  salt: number,
): Promise<{ empty: boolean; running: boolean }> {
  const clientId = `race-${salt}`
  const client = await connect(url, clientId)
  const prompt = {
    1: { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: salt } },
    3: { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'race' } },
  }
  const id = await submit(url, prompt, clientId)
  await client.until(
    ({ type, data }) => type === signals[signal] && (type !== 'executing' || data['node'] === null),
  )
  const [history, queue] = await Promise.all([getJson(`${url}/history/${id}`), getJson(`${url}/queue`)])
  client.socket.terminate()
  return { empty: !(id in history), running: JSON.stringify(queue['queue_running']).includes(id) }
}

const rows = [...recordedCounts('small prompt')].filter(([signal]) => signal !== 'executed(SaveImage)')

test('the recording speaks of all three signals', () => {
  expect([...recordedCounts('small prompt').keys()]).toEqual(Object.keys(signals))
  expect([...recordedCounts('large prompt').keys()]).toEqual(Object.keys(signals))
})

test.each(rows)('after %s: %o', async (signal, recorded) => {
  await using twin = await startComfyui()
  const seen: Counts = { samples: 0, empty: 0, running: 0 }
  while (seen.samples < recorded.samples) {
    const { empty, running } = await sample(twin.url, signal, seen.samples)
    seen.samples += 1
    seen.empty += Number(empty)
    seen.running += Number(running)
  }
  expect(seen).toEqual(recorded)
})
