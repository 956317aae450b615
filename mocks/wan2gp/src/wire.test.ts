/** The protocol without a client in between: error shapes, messages, streams that break. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { formOf, within } from './testing/chain.ts'
import { startTestTwin, type TestTwin } from './testing/twin-in-folder.ts'
import { join, openStream, post, readUntil, run } from './testing/wire.ts'

let twin: TestTwin

beforeEach(async () => {
  twin = await startTestTwin()
})

afterEach(async () => {
  await twin[Symbol.asyncDispose]()
})

/** Put one task into a session, without the queue. */
async function addTask(session: string, steps: number): Promise<void> {
  await run(twin.url, 'save_inputs', session, [
    ...formOf({ prompt: `of ${session}`, seed: 1, steps }),
    null,
    null,
  ])
  await run(twin.url, 'process_prompt_and_add_tasks', session, [null, 0, 't2v'])
  await run(twin.url, 'activate_status', session, [null])
}

describe('error shapes', () => {
  const cases = [
    ['no session hash', { data: [], fn_index: 0 }, 400, { detail: 'Session hash not found.' }],
    [
      'no data',
      { fn_index: 0, session_hash: 's' },
      422,
      { detail: [{ type: 'missing', loc: ['body', 'data'] }] },
    ],
    ['data of another type', { data: 'x' }, 422, { detail: [{ type: 'list_type', loc: ['body', 'data'] }] }],
    ['no JSON', '{"data":', 422, { detail: [{ type: 'json_invalid' }] }],
  ] as const
  test.each(cases)('join with %s', async (_name, body, status, expected) => {
    const response = await post(`${twin.url}/gradio_api/queue/join`, body)
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject(expected)
  })

  test('join with an unknown fn_index answers a plain-text traceback', async () => {
    const response = await post(`${twin.url}/gradio_api/queue/join`, {
      data: [],
      fn_index: 999,
      session_hash: 's',
    })
    expect(response.status).toBe(500)
    expect(response.headers.get('content-type')).toContain('text/plain')
    expect(await response.text()).toContain('KeyError: 999')
  })

  test('an unknown session is told so in the stream, which then breaks', async () => {
    const stream = await openStream(twin.url, 'nobody')
    expect(await stream.next()).toEqual({
      msg: 'unexpected_error',
      event_id: null,
      message: '404: Session not found.',
      success: false,
    })
    await expect(stream.next()).rejects.toThrow('terminated')
  })

  test('cancel and reset want their fields', async () => {
    expect((await post(`${twin.url}/gradio_api/cancel`, { session_hash: 's' })).status).toBe(422)
    expect((await post(`${twin.url}/gradio_api/reset`, {})).status).toBe(422)
    const reset = await post(`${twin.url}/gradio_api/reset`, { event_id: 'x' })
    expect(await reset.json()).toEqual({ success: true })
  })

  test('too few values fail without a text, a gr.Error with one', async () => {
    await join(twin.url, 'process_prompt_and_add_tasks', 's', [null])
    const [, , failed] = await readUntil(await openStream(twin.url, 's'), 'process_completed')
    expect(failed).toMatchObject({ success: false, output: { error: null } })
    const refused = await run(twin.url, 'process_prompt_and_add_tasks', 's', [null, 0, 't2v'])
    expect(refused.status).toBe(500)
    expect(await refused.json()).toMatchObject({ duration: 10, visible: true, title: 'Error' })
  })

  test('unknown paths and methods answer as FastAPI does', async () => {
    const unknown = await fetch(`${twin.url}/gradio_api/nothing`)
    expect([unknown.status, await unknown.json()]).toEqual([404, { detail: 'Not Found' }])
    expect((await fetch(`${twin.url}/gradio_api/queue/join`)).status).toBe(405)
  })
})

test('a generator sends full values first, then edits, then full values again', async () => {
  await addTask('s', 3)
  const eventId = await join(twin.url, 'process_tasks', 's', [null])
  const seen = await readUntil(await openStream(twin.url, 's'), 'close_stream')
  expect(seen.map(({ msg }) => msg)).toEqual([
    'estimation',
    'process_starts',
    ...Array.from({ length: 5 }, () => 'process_generating'),
    'process_completed',
    'close_stream',
  ])
  expect(seen[0]).toEqual({ msg: 'estimation', event_id: eventId, rank: 0, queue_size: 1, rank_eta: null })
  const rows = seen.filter(({ msg }) => msg === 'process_generating').map(({ output }) => output?.data ?? [])
  const stamp = expect.stringMatching(/^\d{10}\.\d{6}$/) as unknown
  expect(rows[0]).toEqual([stamp, stamp, { __type__: 'update' }])
  expect(rows[1]).toEqual([[['replace', [], stamp]], [['replace', [], { __type__: 'update' }]], []])
  expect(rows[2]).toEqual([[['replace', [], stamp]], [], []])
  expect(seen.at(-2)?.output).toMatchObject({
    data: [stamp, stamp, { __type__: 'update' }],
    is_generating: false,
  })
})

describe('when the reader of a stream goes away', () => {
  test('the GPU goes on, the slot is free at the next yield, and waiting events are forgotten', async () => {
    await addTask('gone', 30)
    await addTask('waiting', 1)
    await addTask('next', 1)
    await join(twin.url, 'process_tasks', 'gone', [null])
    const stream = await openStream(twin.url, 'gone')
    await join(twin.url, 'process_tasks', 'waiting', [null])
    const waiting = await openStream(twin.url, 'waiting')
    await readUntil(waiting, 'estimation')
    await readUntil(stream, 'process_generating')
    waiting.close()
    await within('waiting event dropped', twin.journalHas('job-finished'))
    expect(twin.journalled('job-finished')).toMatchObject([{ outcome: 'interrupted' }])
    stream.close()

    await join(twin.url, 'process_tasks', 'next', [null])
    const next = await readUntil(await openStream(twin.url, 'next'), 'process_completed')
    expect(next.at(-1)).toMatchObject({ success: true })
    const clients = twin.journalled('job-accepted').map(({ clientId }) => clientId)
    expect(clients).toEqual(['gone', 'waiting', 'next'])
    expect(twin.journalled('job-finished').map(({ outcome }) => outcome)).toEqual([
      'interrupted',
      'success',
      'success',
    ])
    expect(twin.journalled('output')).toHaveLength(2)
  })

  test('its status call keeps the slot: later sessions see no progress', async () => {
    await addTask('gone', 60)
    await join(twin.url, 'refresh_status_async', 'gone', [null])
    await join(twin.url, 'process_tasks', 'gone', [null])
    const stream = await openStream(twin.url, 'gone')
    // The first denoising step may come in the same poll as a status text, which would free the slot.
    for (let denoising = 0; denoising < 2; ) {
      const unit = (await stream.next())?.['progress_data'] as [{ index: number | null }] | undefined
      if (typeof unit?.[0].index === 'number') denoising += 1
    }
    stream.close()
    await within('job of the lost client', twin.journalHas('job-finished'))

    await addTask('next', 5)
    const status = await join(twin.url, 'refresh_status_async', 'next', [null])
    await join(twin.url, 'process_tasks', 'next', [null])
    const seen = await readUntil(await openStream(twin.url, 'next'), 'process_completed')
    expect(seen.filter(({ event_id: id }) => id === status).map(({ msg }) => msg)).toEqual(['estimation'])
  })
})

test('cancel completes the call with an empty output and leaves the GPU alone', async () => {
  await addTask('s', 20)
  const eventId = await join(twin.url, 'process_tasks', 's', [null])
  const stream = await openStream(twin.url, 's')
  await readUntil(stream, 'process_generating')
  const config = await (await fetch(`${twin.url}/config`)).json()
  expect(config).toMatchObject({
    version: '5.29.0',
    protocol: 'sse_v3',
    root: twin.url,
    connect_heartbeat: true,
  })
  await post(`${twin.url}/gradio_api/cancel`, { session_hash: 's', fn_index: 0, event_id: eventId })
  const rest = await readUntil(stream, 'close_stream')
  expect(rest.at(-2)).toMatchObject({
    msg: 'process_completed',
    event_id: eventId,
    output: {},
    success: true,
  })
  await within('job', twin.journalHas('output'))
})

test('a call that is cancelled while it waits is told to be complete, and runs all the same', async () => {
  await addTask('first', 30)
  await addTask('second', 1)
  await join(twin.url, 'process_tasks', 'first', [null])
  const eventId = await join(twin.url, 'process_tasks', 'second', [null])
  const { dependencies } = (await (await fetch(`${twin.url}/config`)).json()) as {
    dependencies: { id: number; api_name: string }[]
  }
  const index = dependencies.find(({ api_name: name }) => name === 'process_tasks')?.id
  const cancel = { session_hash: 'second', fn_index: index, event_id: eventId }
  await post(`${twin.url}/gradio_api/cancel`, { ...cancel, event_id: 'another' })
  await post(`${twin.url}/gradio_api/cancel`, cancel)
  const seen = await readUntil(await openStream(twin.url, 'second'), 'close_stream')
  expect(seen.map(({ msg }) => msg)).toEqual(['estimation', 'process_completed', 'close_stream'])
  await expect.poll(() => twin.journalled('output'), { timeout: 5000 }).toHaveLength(2)
  // Its second completion is one too many for Gradio, whose next reader hears a KeyError.
  const again = await readUntil(await openStream(twin.url, 'second'), 'unexpected_error')
  expect(again.at(-1)).toMatchObject({ message: `'${eventId}'` })
})

test('a session whose stream broke is unknown until its next join, and is never told to close again', async () => {
  await addTask('s', 30)
  await join(twin.url, 'process_tasks', 's', [null])
  const broken = await openStream(twin.url, 's')
  await readUntil(broken, 'process_generating')
  broken.close()
  const heard = (): Promise<string> =>
    fetch(`${twin.url}/gradio_api/queue/data?session_hash=s`, { signal: AbortSignal.timeout(100) }).then(
      (response) => response.text(),
      String,
    )
  await expect
    .poll(async () => await heard().catch(String), { timeout: 5000 })
    .toMatch(/Session not found|terminated/)
  await join(twin.url, 'activate_status', 's', [null])
  const stream = await openStream(twin.url, 's')
  await readUntil(stream, 'process_completed')
  const next = await Promise.race([
    stream.next().then((message) => message?.msg),
    new Promise((resolve) => AbortSignal.timeout(300).addEventListener('abort', () => resolve('silence'))),
  ])
  expect(next).toBe('silence')
  stream.close()
})

test('the heartbeat connection says ALIVE at once and is journalled', async () => {
  const closing = new AbortController()
  const response = await within(
    'heartbeat',
    fetch(`${twin.url}/gradio_api/heartbeat/abc`, { signal: closing.signal }),
  )
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  const { value } = await within('ALIVE', reader.read())
  expect(new TextDecoder().decode(value)).toBe('data: ALIVE\n\n')
  expect(twin.journalled('client-connected')).toMatchObject([{ clientId: 'abc' }])
  closing.abort()
  await within('disconnect', twin.journalHas('client-disconnected'))
})

test('the simple protocol delivers full values and drops error texts', async () => {
  const call = async (name: string, data: unknown[]): Promise<string> => {
    const posted = await post(`${twin.url}/gradio_api/call/${name}`, { data })
    const { event_id: id } = (await posted.json()) as { event_id: string }
    return await within('call', (await fetch(`${twin.url}/gradio_api/call/${name}/${id}`)).text())
  }
  const wizard = [null, 'off', '', 'a cat', '', ...Array.from({ length: 10 }, () => '')]
  expect(await call('validate_wizard_prompt', wizard)).toBe('event: complete\ndata: ["a cat"]\n\n')
  expect(await call('process_prompt_and_add_tasks', [null, 0, 't2v'])).toBe('event: error\ndata: null\n\n')
})
