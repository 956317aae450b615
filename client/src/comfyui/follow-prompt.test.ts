import { expect, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { defaultLimits } from '../limits.ts'
import { backoff } from '../recovery/backoff.ts'
import { Http } from '../transport/http.ts'
import { Measurements } from '../transport/measurements.ts'
import { seededRandom } from '../transport/random.ts'
import { testServer } from '../transport/test-server.ts'
import { comfyuiApi } from './api.ts'
import { EventChannel } from './event-channel.ts'
import { endOf } from './follow-prompt.ts'
import { parseMessage } from './messages.ts'
import { PromptWatches } from './prompt-watch.ts'

const never = new AbortController().signal
const entry = { status: { status_str: 'success', completed: true }, outputs: {} }
const ended = JSON.stringify({ type: 'execution_success', data: { prompt_id: 'p', timestamp: 1 } })

type Script = {
  /** The n-th answer of `/queue` and `/history/p`; the last one stays. */
  readonly queued: readonly boolean[]
  readonly history: readonly boolean[]
  /** Default 10 s: longer than the test, so that nothing is asked for just because time went by. */
  readonly reconcileMs?: number
  readonly onSocket?: (socket: WebSocket, nth: number) => void
}

/** Follows prompt `p` on a server that plays the script. */
async function follow(script: Script, signal = never) {
  const reconcileMs = script.reconcileMs ?? 10_000
  const limits = { ...defaultLimits, reconcileMs, historyMsMax: 400, reconnectMsFirst: 5 }
  const asked = { queue: 0, history: 0, sockets: 0 }
  const at = (answers: readonly boolean[], nth: number) => answers[Math.min(nth, answers.length - 1)] === true
  await using server = await testServer((request, response) => {
    if (request.url === '/queue') {
      const pending = at(script.queued, asked.queue++) ? [[0, 'p', {}, {}, []]] : []
      return response.end(JSON.stringify({ queue_running: [], queue_pending: pending }))
    }
    return response.end(JSON.stringify(at(script.history, asked.history++) ? { p: entry } : {}))
  })
  new WebSocketServer({ server: server.server }).on('connection', (socket) => {
    asked.sockets += 1
    script.onSocket?.(socket, asked.sockets)
  })
  await using http = new Http({ baseUrl: server.url, limits, measurements: new Measurements() })
  const random = seededRandom(1)
  const watches = new PromptWatches(() => {})
  await using channel = new EventChannel({
    url: server.url,
    limits,
    backoff: backoff({ msFirst: 5, msMax: 20, random }),
    emit: () => {},
    onText: (text) => {
      const event = parseMessage(text)
      if (event !== undefined) watches.deliver(event)
    },
    onReconnected: () => watches.reconnected(),
    onLost: () => {},
  })
  using watch = watches.open('p', 1)
  channel.start()
  const end = await endOf(watch, { api: comfyuiApi(http), channel, limits, random }, signal)
  const reopened = await expect
    .poll(() => asked.sockets, { timeout: 300 })
    .toBe(2)
    .then(
      () => true,
      () => false,
    )
  return { end, asked, reopened }
}

test('an end that is told before the history is written is waited for, without a look at the queue', async () => {
  const { end, asked } = await follow({
    queued: [true],
    history: [false, false, true],
    onSocket: (socket) => socket.send(ended),
  })
  expect(end).toMatchObject({ state: 'finished', how: 'told' })
  expect(asked).toMatchObject({ history: 3, queue: 0 })
})

test('a job that finished without a word is found by asking, and the deaf socket is replaced', async () => {
  const { end, reopened } = await follow({ queued: [true, false], history: [true], reconcileMs: 40 })
  expect(end).toMatchObject({ state: 'finished', how: 'reconciled' })
  expect(reopened).toBe(true)
})

test('after a reconnect the server is asked at once; in neither queue nor history is lost', async () => {
  const { end } = await follow({
    queued: [false],
    history: [false],
    onSocket: (socket, nth) => nth === 1 && socket.terminate(),
  })
  expect(end).toEqual({ state: 'lost' })
})

test('a server that says "ended" but never writes the history does not hold the job for ever', async () => {
  const { end } = await follow({
    queued: [false],
    history: [false],
    onSocket: (socket) => socket.send(ended),
  })
  expect(end).toEqual({ state: 'lost' })
})

test('a job that stays in the queue is followed until the signal ends it', async () => {
  await expect(
    follow({ queued: [true], history: [false], reconcileMs: 40 }, AbortSignal.timeout(200)),
  ).rejects.toThrow('timeout')
})
