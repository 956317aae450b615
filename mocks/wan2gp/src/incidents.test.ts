/**
 * Public failures of Gradio and Wan2GP, each as one fault, seen through the clients that users run. What is here is in
 * the list of chaos knobs of the protocol notes (8.6); message skew and broken answers are in `fault-matrix.test.ts`.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { Fault } from '@squall/twin-kit'
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
import { type ClientVersion, clientVersions, outcomeOf } from './testing/clients.ts'
import { startTestTwin, type TestTwin } from './testing/twin-in-folder.ts'

let twin: TestTwin
let closing: (() => void)[]

beforeEach(async () => {
  twin = await startTestTwin({ 'heartbeat-s': '0.05' })
  closing = []
})

afterEach(async () => {
  for (const close of closing) close()
  await twin[Symbol.asyncDispose]()
})

const silenceMs = 500
const wish = { prompt: 'a cat', seed: 7, steps: 12 }
const ofTasks = { match: { fn: 'process_tasks' } } as const

const journalled: TestTwin['journalled'] = (event) => twin.journalled(event)
const fileOf = async (url: string | undefined): Promise<{ status: number; bytes: number }> => {
  const response = await fetch(url ?? 'http://no-url')
  return { status: response.status, bytes: (await response.arrayBuffer()).byteLength }
}

describe.each(Object.keys(clientVersions) as ClientVersion[])('client %s', (version) => {
  async function connect(): Promise<ChainClient> {
    const { client, close } = await within('connect', clientVersions[version](twin.url))
    closing.push(close)
    return client
  }

  /** A client whose job is ready to run, under a fault. */
  async function ready(...faults: readonly Fault[]): Promise<ChainClient> {
    const client = await connect()
    await prepare(client, wish)
    await twin.break(...faults)
    return client
  }

  const runTasks = (client: ChainClient, patienceMs = 9000): Promise<string> =>
    outcomeOf(client.predict(endpoint(client, 'process_tasks'), []), patienceMs)

  /** The first error of a call, or its last event. */
  async function endOf(client: ChainClient, base: string): Promise<ChainEvent | undefined> {
    return (await follow(client, base)).at(-1)
  }

  test('Wan2GP#214: the stream ends mid job; the client waits for ever, the GPU goes on', async () => {
    const client = await ready({
      point: 'wan2gp.sse.process-generating',
      action: { kind: 'close' },
      when: { ...ofTasks, nth: 3 },
    })
    expect(await runTasks(client, silenceMs)).toBe('hangs')
    await within('the GPU', twin.journalHas('job-finished'))
    expect(journalled('output')).toHaveLength(1)
    expect(journalled('fault-applied')).toHaveLength(1)
    // The broken client is of no use any more; another one of the same server is.
    expect(await outcomeOf(step(client, 'activate_status'), silenceMs)).toBe('hangs')
    const fresh = await connect()
    await prepare(fresh, wish)
    expect(await runTasks(fresh)).toMatch(/^resolved/)
  })

  test('Wan2GP#1485: the connection breaks mid job, and the client is told', async () => {
    const client = await ready({
      point: 'wan2gp.sse.process-generating',
      action: { kind: 'reset' },
      when: { ...ofTasks, nth: 3 },
    })
    expect(await endOf(client, 'process_tasks')).toMatchObject({
      stage: 'error',
      message: expect.stringContaining('Connection errored out') as unknown,
    })
  })

  test('Wan2GP#1253: the process dies mid denoise without a word; nothing is left but the files', async () => {
    const client = await ready({
      point: 'wan2gp.gpu.denoise',
      action: { kind: 'crash' },
      when: { match: { step: 6 } },
    })
    expect(await runTasks(client)).toMatch(/^rejected Connection errored out/)
    expect(journalled('output')).toEqual([])
    await twin.restart()
    const fresh = await connect()
    const refused = fresh.predict(endpoint(fresh, 'process_prompt_and_add_tasks'), [0, 't2v'])
    expect(await outcomeOf(refused, 9000)).toMatch(/^rejected .*Please refresh the page$/)
  })

  test('Wan2GP PR 107: the percentage stands still on a live connection', async () => {
    const client = await ready({
      point: 'wan2gp.gpu.denoise',
      action: { kind: 'stall' },
      when: { match: { step: 6 } },
    })
    const done = generate(client)
    await expect.poll(() => twin.faults.list()).toMatchObject([{ applied: 1 }])
    expect(await outcomeOf(done, silenceMs)).toBe('hangs')
    twin.faults.healAll()
    const { status, url } = await done
    const steps = status.flatMap(({ progress_data: units }) => units?.[0]?.index ?? [])
    expect(steps.at(-1)).toBeGreaterThan(5)
    expect((await fileOf(url)).status).toBe(200)
  })

  test('Wan2GP, first use of a model: loading without end, and no step number', async () => {
    const client = await ready({ point: 'wan2gp.gpu.load', action: { kind: 'stall' } })
    const status = client.submit(endpoint(client, 'refresh_status_async'), [])
    const tasks = outcomeOf(client.predict(endpoint(client, 'process_tasks'), []), 9000)
    const seen = async (): Promise<unknown> => {
      for await (const event of status) {
        const unit = (event as ChainEvent).progress_data?.[0]
        if (unit?.desc?.startsWith('Loading model') === true) return unit
      }
      return undefined
    }
    expect(await within('loading', seen())).toMatchObject({ index: null, length: null })
    expect(await outcomeOf(tasks, silenceMs)).toBe('hangs')
    twin.faults.healAll()
    expect(await tasks).toMatch(/^resolved/)
  })

  test('Wan2GP#586: the join is accepted, and the call never ends', async () => {
    const client = await ready({ point: 'wan2gp.queue.slot', action: { kind: 'drop' }, when: ofTasks })
    expect(await runTasks(client, silenceMs)).toBe('hangs')
    expect(journalled('job-started')).toEqual([])
  })

  test('Gradio#6239: the client vanishes while it is queued; its job never runs', async () => {
    const [first, second] = [await connect(), await connect()]
    await prepare(first, { ...wish, steps: 40 })
    await prepare(second, wish)
    const running = runTasks(first)
    await within('start', twin.journalHas('job-started'))
    await twin.break({
      point: 'wan2gp.sse.estimation',
      action: { kind: 'reset' },
      when: { match: { fn: 'process_tasks', sessionHash: second.session_hash } },
    })
    expect(await runTasks(second)).toMatch(/^rejected Connection errored out/)
    expect(await running).toMatch(/^resolved/)
    const accepted = journalled('job-accepted').map(({ jobId }) => jobId)
    expect(journalled('job-started').map(({ jobId }) => jobId)).toEqual(accepted.slice(0, 1))
    expect(journalled('job-finished').map(({ outcome }) => outcome)).toEqual(['interrupted', 'success'])
  })

  test('CUDA out of memory after some steps: the user is told, and the whole queue is lost', async () => {
    const client = await ready({
      point: 'wan2gp.gpu.denoise',
      action: { kind: 'fail', as: 'out-of-memory' },
      when: { match: { step: 4 } },
    })
    await prepare(client, { ...wish, prompt: 'waits behind it' })
    expect(await runTasks(client)).toMatch(/^rejected .*unsufficient VRAM/)
    const [html] = await step(client, 'handle_queue_action', [''])
    expect(html).toContain('Queue is empty')
    twin.faults.healAll()
    await prepare(client, wish)
    expect(await runTasks(client)).toMatch(/^resolved/)
  })

  test('a line that is no JSON ends the process of a client that does not expect it', async () => {
    await twin.break({
      point: 'wan2gp.sse.dialect',
      action: { kind: 'fail', as: 'no-json' },
      when: { match: { msg: 'process_completed' } },
    })
    const library = version === '2.7' ? '@gradio/client' : 'gradio-client-1'
    const program = `import { Client } from '${library}'
      const client = await Client.connect('${twin.url}')
      await client.predict('/activate_status', [])`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    closing.push(() => void child.kill('SIGKILL'))
    const complaint = text(child.stderr)
    const [code] = (await within('the client', once(child, 'exit'))) as [number | null]
    expect(code).toBe(1)
    expect(await complaint).toMatch(/SyntaxError/)
  })

  test('one session holds the slot: another sees only its place in the queue', async () => {
    const [first, second] = [await connect(), await connect()]
    await prepare(first, wish)
    await prepare(second, wish)
    await twin.break({
      point: 'wan2gp.queue.slot',
      action: { kind: 'stall' },
      when: { ...ofTasks, times: 1 },
    })
    const starving = runTasks(first)
    await expect.poll(() => twin.faults.list()).toMatchObject([{ applied: 1 }])
    const events: ChainEvent[] = []
    const other = (async () => {
      for await (const event of second.submit(endpoint(second, 'process_tasks'), [])) {
        events.push(event as ChainEvent)
        if ((event as ChainEvent).stage === 'complete') return
      }
    })()
    expect(await outcomeOf(other, silenceMs)).toBe('hangs')
    expect(events.map(({ stage, size }) => [stage, size])).toEqual([
      ['pending', undefined],
      ['pending', 1],
    ])
    twin.faults.healAll()
    expect(await starving).toMatch(/^resolved/)
    await within('other', other)
  })

  test.each([
    ['is not there', { kind: 'drop' }, 403],
    ['cannot be reached', { kind: 'fail', as: 'forbidden' }, 403],
    ['is cut short', { kind: 'fail', as: 'truncated' }, 200],
    ['is empty', { kind: 'fail', as: 'empty' }, 200],
  ] as const)('the job succeeds, and its file %s', async (_name, action, status) => {
    const client = await ready({ point: 'wan2gp.file.write', action })
    const file = await fileOf((await generate(client)).url)
    expect(file.status).toBe(status)
    const whole = Number(journalled('output')[0]?.['bytes'] ?? Number.POSITIVE_INFINITY)
    expect(file.bytes).toBeLessThan(whole)
  })

  test('the download breaks off', async () => {
    const client = await ready({ point: 'wan2gp.answer.file', action: { kind: 'cut' } })
    const { url } = await generate(client)
    await expect(fileOf(url)).rejects.toThrow('terminated')
  })
})
