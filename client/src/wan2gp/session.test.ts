import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { defaultLimits } from '../limits.ts'
import { Http } from '../transport/http.ts'
import { Measurements } from '../transport/measurements.ts'
import { type TestServer, testServer } from '../transport/test-server.ts'
import { GradioSession } from './session.ts'

const never = new AbortController().signal
const limits = { ...defaultLimits, streamSilenceMsMax: 200 }

/** A Gradio queue with one event id per join; `play` writes the stream of the n-th connection. */
function gradio(play: (stream: ServerResponse, nth: number) => void): Promise<TestServer> {
  let joins = 0
  let streams = 0
  return testServer((request, response) => {
    if (request.method === 'POST') {
      joins += 1
      return response.end(JSON.stringify({ event_id: `e${joins}` }))
    }
    streams += 1
    response.setHeader('content-type', 'text/event-stream')
    return play(response, streams)
  })
}

function send(stream: ServerResponse, ...messages: readonly object[]): void {
  for (const message of messages) stream.write(`data: ${JSON.stringify(message)}\n\n`)
}

const completed = (event: string, data: readonly unknown[]) => ({
  msg: 'process_completed',
  event_id: event,
  success: true,
  output: { data },
})
const closeStream = { msg: 'close_stream', event_id: null }

async function sessionOn(server: TestServer) {
  const http = new Http({ baseUrl: server.url, limits, measurements: new Measurements() })
  const session = new GradioSession({ http, limits, sessionHash: 'abc', onStream: () => {} })
  return {
    session,
    [Symbol.asyncDispose]: async () => {
      session[Symbol.dispose]()
      await http[Symbol.asyncDispose]()
    },
  }
}

test('answers of two calls on one stream reach the right caller', async () => {
  await using server = await gradio((stream) => {
    send(
      stream,
      { msg: 'heartbeat', event_id: null },
      completed('e2', ['second']),
      completed('e1', ['first']),
    )
  })
  await using on = await sessionOn(server)
  const [first, second] = await Promise.all([on.session.call(0, [], never), on.session.call(1, [], never)])
  expect(new Set([...first, ...second])).toEqual(new Set(['first', 'second']))
})

test('an answer that comes before the answer to its own join is not lost', async () => {
  let stream: ServerResponse | undefined
  let joins = 0
  await using server = await testServer((request, response) => {
    if (request.method === 'GET') {
      stream = response
      return send(response, { msg: 'heartbeat', event_id: null })
    }
    joins += 1
    if (joins === 1 || stream === undefined) return response.end(JSON.stringify({ event_id: 'e1' }))
    send(stream, completed('e2', ['second']), { msg: 'process_starts', event_id: 'e1' })
    heldJoin.resolve(response)
  })
  const heldJoin = Promise.withResolvers<ServerResponse>()
  await using on = await sessionOn(server)
  const started = Promise.withResolvers<void>()
  await on.session.join(0, [], never, { onStart: started.resolve })
  await expect.poll(() => stream !== undefined, { timeout: 2_000 }).toBe(true)
  const second = on.session.call(1, [], AbortSignal.timeout(2_000))
  const join = await heldJoin.promise
  await started.promise // sent after the answer, so the answer has been read
  join.end(JSON.stringify({ event_id: 'e2' }))
  expect(await second).toEqual(['second'])
})

test('a generator is followed with the edits applied', async () => {
  const generating = (data: unknown) => ({ msg: 'process_generating', event_id: 'e1', output: { data } })
  await using server = await gradio((stream) => {
    send(stream, { msg: 'process_starts', event_id: 'e1' }, generating(['1', { a: 1 }]))
    send(stream, generating([[['replace', [], '2']], []]), completed('e1', ['end', {}]), closeStream)
    stream.end()
  })
  await using on = await sessionOn(server)
  const outputs: unknown[] = []
  const { completed: end } = await on.session.join(0, [], never, {
    onOutputs: (data) => outputs.push(data),
  })
  expect(await end).toEqual(['end', {}])
  expect(outputs).toEqual([
    ['1', { a: 1 }],
    ['2', { a: 1 }],
  ])
})

test('a call that crosses close_stream opens the stream again', async () => {
  await using server = await gradio((stream, nth) => {
    if (nth === 1) send(stream, completed('e1', ['first']), closeStream)
    else send(stream, completed('e2', ['second']), closeStream)
    stream.end()
  })
  await using on = await sessionOn(server)
  expect(await on.session.call(0, [], never)).toEqual(['first'])
  expect(await on.session.call(0, [], never)).toEqual(['second'])
})

test.each([
  ['ends cleanly in mid job', (stream: ServerResponse) => stream.end()],
  ['is reset', (stream: ServerResponse) => stream.write(': hello\n\n', () => stream.destroy())],
  ['cannot be opened', (stream: ServerResponse) => stream.destroy()],
  ['falls silent', (stream: ServerResponse) => stream.flushHeaders()],
  [
    'says that the session is unknown',
    (stream: ServerResponse) => send(stream, { msg: 'unexpected_error', event_id: null, message: '404: x' }),
  ],
])('a stream that %s ends the call and every later one with an error', async (_how, breakIt) => {
  await using server = await gradio(breakIt)
  await using on = await sessionOn(server)
  await expect(on.session.call(0, [], never)).rejects.toMatchObject({
    errorClass: 'network',
    code: 'stream-broken',
  })
  await expect(on.session.call(0, [], never)).rejects.toMatchObject({ code: 'stream-broken' })
})

test('a failed generation carries the reason the server gave', async () => {
  await using server = await gradio((stream) => {
    send(stream, {
      msg: 'process_completed',
      event_id: 'e1',
      success: false,
      output: { error: 'not enough VRAM' },
    })
  })
  await using on = await sessionOn(server)
  const call = on.session.call(0, [], never)
  await expect(call).rejects.toMatchObject({ errorClass: 'execution', code: 'generation-failed' })
  await expect(call).rejects.toThrow('not enough VRAM')
})
