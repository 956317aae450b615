/** Each step inside the server can be broken, and clients see it. */
import { expect, test } from 'vitest'
import { points, type StepPoint } from '../points.ts'
import { within } from '../testing/chain.ts'
import { type WireSession, wireSession } from '../testing/session.ts'
import { startTestTwin, type TestTwin } from '../testing/twin-in-folder.ts'
import type { WireMessage } from '../testing/wire.ts'

const wish = { prompt: 'a cat', seed: 7, steps: 4 }

/** One job of a session of its own, with all messages of its `process_tasks`. */
async function run(
  twin: TestTwin,
  hash: string,
): Promise<{ session: WireSession; last: WireMessage | undefined }> {
  const session = wireSession(twin.url, hash)
  await session.addTask(wish)
  return { session, last: (await session.generate()).at(-1) }
}

/** A failure of a step ends the job with a toast that stays, and the next job is as ever. */
async function failsWith(point: StepPoint, as: string, text: string): Promise<void> {
  await using twin = await startTestTwin()
  await twin.break({ point, action: { kind: 'fail', as } })
  expect((await run(twin, 'broken')).last).toMatchObject({
    success: false,
    output: { error: expect.stringContaining(text) as unknown, duration: 0 },
  })
  twin.faults.healAll()
  const after = await run(twin, 'after')
  expect(after.last).toMatchObject({ success: true })
  expect(await after.session.gallery()).toHaveLength(1)
}

async function gpuFailures(point: StepPoint): Promise<void> {
  await failsWith(point, 'out-of-memory', 'unsufficient VRAM')
  await failsWith(point, 'no-ram', 'perc_reserved_mem_max')
  await failsWith(point, 'error', "'A fault was injected here'")
}

/** A stalled step holds the job until it is healed, and the job is not hurt by it. */
async function holds(point: StepPoint): Promise<void> {
  await using twin = await startTestTwin()
  await twin.break({ point, action: { kind: 'stall' } })
  const running = run(twin, 'held')
  await expect.poll(() => twin.faults.list()).toMatchObject([{ applied: 1 }])
  expect(twin.journalled('output')).toEqual([])
  twin.faults.healAll()
  expect((await running).last).toMatchObject({ success: true })
}

/** The file of the only job that ran. */
async function fetched(
  twin: TestTwin,
  as: string,
): Promise<{ status: number; bytes: number; whole: number }> {
  await twin.break({
    point: 'wan2gp.file.write',
    action: as === 'missing' ? { kind: 'drop' } : { kind: 'fail', as },
  })
  const { session, last } = await run(twin, `s-${as}`)
  expect(last).toMatchObject({ success: true })
  const [entry] = await session.gallery()
  const response = await fetch(entry?.video?.url ?? '')
  const { byteLength } = await response.arrayBuffer()
  twin.faults.healAll()
  return {
    status: response.status,
    bytes: byteLength,
    whole: Number(twin.journalled('output').at(-1)?.['bytes']),
  }
}

/** What each point does to clients. A missing point does not compile. */
const effects: Readonly<Record<StepPoint, (twin: TestTwin) => Promise<void>>> = {
  'wan2gp.sse.dialect': async (twin) => {
    const kinds = async (as: string): Promise<(string | undefined)[]> => {
      await twin.break({
        point: 'wan2gp.sse.dialect',
        action: { kind: 'fail', as },
        when: { match: { msg: 'process_completed' } },
      })
      const url = `${twin.url}/gradio_api/queue/data?session_hash=${as}`
      await wireSession(twin.url, as).join('activate_status')
      let text = ''
      try {
        const response = await fetch(url, { signal: AbortSignal.timeout(8000) })
        for await (const chunk of response.body ?? []) text += Buffer.from(chunk as Uint8Array).toString()
      } catch {
        text += 'broken'
      }
      twin.faults.healAll()
      return text
        .split('\n\n')
        .filter(Boolean)
        .slice(2)
        .map((event) => event.replace(/.*"msg":"(\w+)".*/, '$1'))
    }
    expect(await kinds('unknown-message')).toEqual(['process_pondering', 'process_completed', 'close_stream'])
    expect(await kinds('server-stopped')).toEqual(['server_stopped', 'process_completed', 'close_stream'])
    expect(await kinds('queue-full')).toEqual(['queue_full', 'close_stream'])
    expect(await kinds('unexpected-error')).toEqual(['unexpected_error', 'broken'])
    expect(await kinds('no-json')).toEqual(['data: [DONE]', 'process_completed', 'close_stream'])
  },
  'wan2gp.session.find': async (twin) => {
    const session = wireSession(twin.url, 's')
    await session.addTask(wish)
    await twin.break({
      point: 'wan2gp.session.find',
      action: { kind: 'drop' },
      when: { match: { fn: 'process_prompt_and_add_tasks' } },
    })
    await session.join('process_prompt_and_add_tasks', [null, 0, 't2v'])
    expect((await session.follow()).at(-1)).toMatchObject({
      output: { error: expect.stringContaining('Please refresh the page') as unknown },
    })
  },
  'wan2gp.stream.find': async (twin) => {
    await twin.break({ point: 'wan2gp.stream.find', action: { kind: 'drop' } })
    await wireSession(twin.url, 's').join('activate_status')
    const seen = await wireSession(twin.url, 's').follow('unexpected_error')
    expect(seen).toMatchObject([{ message: '404: Session not found.' }])
  },
  'wan2gp.queue.slot': async (twin) => {
    await holds('wan2gp.queue.slot')
    await twin.break({
      point: 'wan2gp.queue.slot',
      action: { kind: 'drop' },
      when: { match: { fn: 'process_tasks' } },
    })
    const session = wireSession(twin.url, 'lost')
    await session.addTask(wish)
    const id = await session.join('process_tasks')
    await session.join('activate_status')
    const seen = await session.follow()
    expect(seen.filter(({ event_id: eventId }) => eventId === id).map(({ msg }) => msg)).toEqual([
      'estimation',
    ])
  },
  'wan2gp.gpu.load': async () => {
    await gpuFailures('wan2gp.gpu.load')
    await failsWith('wan2gp.gpu.load', 'no-download', "couldn't connect to the hub")
    await holds('wan2gp.gpu.load')
  },
  'wan2gp.gpu.denoise': async () => {
    await gpuFailures('wan2gp.gpu.denoise')
    await holds('wan2gp.gpu.denoise')
  },
  'wan2gp.gpu.decode': async () => {
    await gpuFailures('wan2gp.gpu.decode')
    await holds('wan2gp.gpu.decode')
  },
  'wan2gp.file.write': async (twin) => {
    expect(await fetched(twin, 'missing')).toMatchObject({ status: 403 })
    expect(await fetched(twin, 'forbidden')).toMatchObject({ status: 403 })
    const truncated = await fetched(twin, 'truncated')
    expect([truncated.status, truncated.bytes]).toEqual([200, Math.floor(truncated.whole / 2)])
    expect(await fetched(twin, 'empty')).toMatchObject({ status: 200, bytes: 0 })
    await failsWith('wan2gp.file.write', 'disk-full', 'No space left on device')
  },
  'wan2gp.worker.tell': async (twin) => {
    await twin.break({
      point: 'wan2gp.worker.tell',
      action: { kind: 'drop' },
      when: { match: { kind: 'preview' } },
    })
    const { last, session } = await run(twin, 's')
    expect(last).toMatchObject({ success: true })
    const rows = twin.faults.list()[0]?.applied
    expect(rows).toBe(wish.steps)
    expect(await session.gallery()).toHaveLength(1)
  },
  'wan2gp.abort.wish': async (twin) => {
    await twin.break({ point: 'wan2gp.abort.wish', action: { kind: 'drop' } })
    const session = wireSession(twin.url, 's')
    await session.addTask({ ...wish, steps: 20 })
    await session.join('process_tasks')
    await within('start', twin.journalHas('job-started'))
    await session.call('abort_generation', [null, ''])
    await session.follow()
    expect(await session.gallery()).toHaveLength(1)
  },
  'wan2gp.mcp.tool': async (twin) => {
    const call = async (): Promise<unknown> => {
      const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
      const params = { name: 'wangp_list_models', arguments: {} }
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params })
      return (await fetch(`${twin.url}/mcp/`, { method: 'POST', headers, body })).json()
    }
    await twin.break({ point: 'wan2gp.mcp.tool', action: { kind: 'fail', as: 'error' }, when: { times: 1 } })
    expect(await call()).toMatchObject({ result: { isError: true } })
    expect(await call()).toMatchObject({ result: { isError: false } })
    await twin.break({ point: 'wan2gp.mcp.tool', action: { kind: 'drop' } })
    expect(await call()).toMatchObject({ result: { content: [], isError: false } })
  },
}

const names = Object.keys(effects) as StepPoint[]

test.each(names)('%s', async (point) => {
  await using twin = await startTestTwin({ mcp: true })
  await effects[point](twin)
})

test('every step point of the catalog is one of these', () => {
  const shaped = Object.entries(points).filter(([, { shape }]) => shape === 'step')
  expect(shaped.map(([name]) => name).toSorted()).toEqual(names.toSorted())
})

test.each([
  'wan2gp.gpu.load',
  'wan2gp.gpu.denoise',
  'wan2gp.gpu.decode',
  'wan2gp.file.write',
  'wan2gp.queue.slot',
] as const)('a crash at %s ends the server in the middle of a job', async (point) => {
  await using twin = await startTestTwin()
  const session = wireSession(twin.url, 's')
  await session.addTask(wish)
  await twin.break({ point, action: { kind: 'crash' }, when: { match: { sessionHash: 's' } } })
  // The answer to the join may be lost with the server.
  await session.join('process_tasks').catch(() => undefined)
  const alive = (): Promise<string> =>
    fetch(`${twin.url}/config`).then(
      () => 'alive',
      () => 'dead',
    )
  await expect.poll(alive, { timeout: 5000 }).toBe('dead')
  expect(twin.journalled('output')).toEqual([])
})
