/** Each step inside the server can be broken, and clients see it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Action, StartedTwin } from '@squall/twin-kit'
import { expect, test } from 'vitest'
import type { StepPoint } from '../points.ts'
import { getJson, type Json, post, startComfyui, submit, temporaryFolder } from '../testing/observed-twin.ts'
import { openRawClient } from '../testing/raw-client.ts'
import { sd15Graph, smallGraph } from '../testing/sd15-graph.ts'

const drop: Action = { kind: 'drop' }
const stall: Action = { kind: 'stall' }

/** The history entry of a finished prompt. */
async function finished(twin: StartedTwin, id: string): Promise<Json> {
  await expect.poll(() => getJson(`${twin.url}/history/${id}`), { timeout: 5000 }).toHaveProperty(id)
  return (await getJson(`${twin.url}/history/${id}`))[id] as Json
}

async function run(twin: StartedTwin, graph = sd15Graph({ steps: 3 })): Promise<Json> {
  return finished(twin, await submit(twin.url, graph, 'c'))
}

/** A reset drops the connections that fetch keeps; the first use of a dropped one fails. */
async function reset(twin: StartedTwin): Promise<void> {
  await twin.reset()
  await expect
    .poll(() =>
      fetch(`${twin.url}/prompt`).then(
        ({ status }) => status,
        () => 0,
      ),
    )
    .toBe(200)
}

/** Type of the exception that ended a prompt. */
function exceptionOf(entry: Json): unknown {
  const { messages } = entry['status'] as { messages: readonly [string, Json][] }
  return messages.find(([event]) => event === 'execution_error')?.[1]['exception_type']
}

/** How many journal lines of this event there are. */
const count = (twin: StartedTwin, event: string): number =>
  twin.journal.filter((line) => line.event === event).length

/** What each point does to clients. A missing point does not compile. */
const effects: Readonly<Record<StepPoint, (twin: StartedTwin, dataFolder: string) => Promise<void>>> = {
  'comfyui.ws.register': async (twin) => {
    await twin.break({ point: 'comfyui.ws.register', action: drop, when: { match: { clientId: 'deaf' } } })
    const [deaf, hearing] = [openRawClient(twin.url, 'deaf'), openRawClient(twin.url, 'hearing')]
    await expect.poll(() => [...deaf.names, ...hearing.names]).toEqual(['hello', 'hello'])
    await run(twin)
    await expect.poll(() => hearing.names).toContain('status')
    deaf.socket.ping()
    await expect.poll(() => deaf.names).toEqual(['hello', 'pong'])
  },
  'comfyui.ws.negotiate': async (twin) => {
    const forms = async (): Promise<number | undefined> => {
      const { socket, names } = openRawClient(twin.url, 'c')
      let form: number | undefined
      socket.on('message', (data: Buffer, isBinary) => {
        if (isBinary) form = data.readUInt32BE(0)
      })
      await expect.poll(() => names).toContain('hello')
      socket.send(JSON.stringify({ type: 'feature_flags', data: { supports_preview_metadata: true } }))
      await expect.poll(() => names).toContain('feature-flags')
      const more = { extra_data: { preview_method: 'latent2rgb' } }
      await finished(twin, await submit(twin.url, sd15Graph({ steps: 1, seed: names.length }), 'c', more))
      await expect.poll(() => form).toBeDefined()
      socket.terminate()
      await expect.poll(() => twin.state()).toMatchObject({ clients: [] })
      return form
    }
    expect(await forms()).toBe(4)
    await reset(twin)
    await twin.break({ point: 'comfyui.ws.negotiate', action: drop })
    expect(await forms()).toBe(1)
  },
  'comfyui.ws.publisher': async (twin) => {
    await twin.break({ point: 'comfyui.ws.publisher', action: stall, when: { nth: 3 } })
    const clients = [openRawClient(twin.url, 'a'), openRawClient(twin.url, 'b')]
    await expect.poll(() => twin.state()).toMatchObject({ clients: ['a', 'b'] })
    await run(twin)
    // HTTP and execution go on; the first two messages were status, for everybody.
    for (const { names } of clients) await expect.poll(() => names).toEqual(['hello', 'status', 'status'])
    twin.faults.healAll()
    for (const { names } of clients) await expect.poll(() => names.length).toBeGreaterThan(3)
  },
  'comfyui.queue.put': async (twin) => {
    await twin.break({ point: 'comfyui.queue.put', action: drop, when: { nth: 1 } })
    const { status, json } = await post(`${twin.url}/prompt`, { prompt: smallGraph(1) })
    expect(status).toBe(200)
    await run(twin, smallGraph(2))
    expect(await getJson(`${twin.url}/history/${String(json['prompt_id'])}`)).toEqual({})
  },
  'comfyui.queue.take': async (twin) => {
    await twin.break({ point: 'comfyui.queue.take', action: stall })
    const id = await submit(twin.url, smallGraph(1))
    await submit(twin.url, smallGraph(2))
    await expect.poll(() => getJson(`${twin.url}/prompt`)).toEqual({ exec_info: { queue_remaining: 2 } })
    expect(count(twin, 'job-started')).toBe(0)
    twin.faults.healAll()
    await finished(twin, id)
  },
  'comfyui.models.list': async (twin) => {
    await twin.break({
      point: 'comfyui.models.list',
      action: drop,
      when: { match: { class: 'CheckpointLoaderSimple' } },
    })
    const { status, json } = await post(`${twin.url}/prompt`, { prompt: sd15Graph() })
    expect(status).toBe(400)
    expect(JSON.stringify(json)).toContain('value_not_in_list')
    twin.faults.healAll()
    expect((await post(`${twin.url}/prompt`, { prompt: sd15Graph() })).status).toBe(200)
  },
  'comfyui.node.execute': async (twin) => {
    const failures = {
      'out-of-memory': 'torch.OutOfMemoryError',
      error: 'RuntimeError',
      'corrupt-model': 'safetensors._safetensors_rust.SafetensorError',
      'missing-file': 'FileNotFoundError',
    }
    for (const [as, exception] of Object.entries(failures)) {
      await twin.break({
        point: 'comfyui.node.execute',
        action: { kind: 'fail', as },
        when: { match: { class: 'KSampler' } },
      })
      expect(exceptionOf(await run(twin))).toBe(exception)
      twin.faults.healAll()
    }
    await twin.break({ point: 'comfyui.node.execute', action: stall, when: { match: { node: '9' } } })
    const hung = await submit(twin.url, sd15Graph({ seed: 2 }))
    await expect.poll(() => twin.faults.list()).toMatchObject([{ applied: 1 }])
    await post(`${twin.url}/interrupt`, {})
    expect(await getJson(`${twin.url}/history/${hung}`)).toEqual({})
    twin.faults.healAll()
    await finished(twin, hung)
    await twin.break({ point: 'comfyui.node.execute', action: { kind: 'fail', as: 'worker-death' } })
    await submit(twin.url, sd15Graph({ seed: 3 }))
    await expect.poll(() => twin.faults.list()).toMatchObject([{ applied: 1 }])
    await submit(twin.url, sd15Graph({ seed: 4 }))
    await post(`${twin.url}/interrupt`, {})
    expect(await getJson(`${twin.url}/prompt`)).toEqual({ exec_info: { queue_remaining: 2 } })
  },
  'comfyui.node.output': async (twin) => {
    const text = async (as?: string): Promise<string> => {
      if (as !== undefined) await twin.break({ point: 'comfyui.node.output', action: { kind: 'fail', as } })
      const id = await submit(twin.url, smallGraph(as?.length ?? 0), 'c')
      await expect.poll(() => twin.state()).toMatchObject({ history: 1 })
      const answer = await (await fetch(`${twin.url}/history/${id}`)).text()
      await reset(twin)
      return answer
    }
    expect(() => JSON.parse('NaN') as unknown).toThrow(SyntaxError)
    expect(await text('nan')).toContain('[NaN]')
    expect((await text('huge')).length).toBeGreaterThan(16 * 1024 * 1024)
    await twin.break({ point: 'comfyui.node.output', action: { kind: 'fail', as: 'not-json' } })
    await submit(twin.url, smallGraph(9), 'c').catch(() => 'the process ends before it answers')
    // The process ends; here, in a process of ours, that is the end of its port.
    await expect.poll(() => fetch(`${twin.url}/prompt`).catch(() => 'gone')).toBe('gone')
  },
  'comfyui.gpu.load': async (twin) => {
    await twin.break({ point: 'comfyui.gpu.load', action: { kind: 'fail', as: 'corrupt-model' } })
    expect(exceptionOf(await run(twin))).toBe('safetensors._safetensors_rust.SafetensorError')
    twin.faults.healAll()
    await twin.break({ point: 'comfyui.gpu.load', action: { kind: 'fail', as: 'out-of-memory' } })
    expect(exceptionOf(await run(twin))).toBe('torch.OutOfMemoryError')
    twin.faults.healAll()
    await twin.break({ point: 'comfyui.gpu.load', action: { kind: 'delay', ms: 80 } })
    const begin = performance.now()
    await run(twin)
    expect(performance.now() - begin).toBeGreaterThanOrEqual(79)
    await run(twin, sd15Graph({ steps: 3, seed: 2 }))
    expect(twin.faults.list()).toMatchObject([{ applied: 1 }])
  },
  'comfyui.gpu.step': async (twin) => {
    await twin.break({
      point: 'comfyui.gpu.step',
      action: { kind: 'fail', as: 'out-of-memory' },
      when: { match: { step: 2 } },
    })
    const client = openRawClient(twin.url, 'c')
    await expect.poll(() => client.names).toContain('hello')
    expect(exceptionOf(await run(twin))).toBe('torch.OutOfMemoryError')
    await expect.poll(() => client.names).toContain('executing-null')
    expect(client.names.filter((name) => name === 'progress')).toHaveLength(1)
    twin.faults.healAll()
    await twin.break({ point: 'comfyui.gpu.step', action: { kind: 'crash' }, when: { match: { step: 2 } } })
    await submit(twin.url, sd15Graph({ steps: 3, seed: 2 }), 'c')
    await expect.poll(() => client.end()).toBe(1006)
  },
  'comfyui.output.save': async (twin, dataFolder) => {
    const fileOf = (entry: Json): string => {
      const outputs = entry['outputs'] as Record<string, { images: readonly { filename: string }[] }>
      return String(outputs['2']?.images[0]?.filename)
    }
    await twin.break({ point: 'comfyui.output.save', action: drop })
    const lost = fileOf(await run(twin, smallGraph(1)))
    expect((await fetch(`${twin.url}/view?filename=${lost}`)).status).toBe(404)
    twin.faults.healAll()
    await twin.break({ point: 'comfyui.output.save', action: { kind: 'fail', as: 'disk-full' } })
    expect(exceptionOf(await run(twin, smallGraph(2)))).toBe('OSError')
    twin.faults.healAll()
    const whole = readFileSync(join(dataFolder, 'output', fileOf(await run(twin, smallGraph(3)))))
    await twin.break({ point: 'comfyui.output.save', action: { kind: 'fail', as: 'truncated' } })
    const part = readFileSync(join(dataFolder, 'output', fileOf(await run(twin, smallGraph(4)))))
    expect(part.length).toBeLessThan(whole.length * 0.6)
  },
  'comfyui.history.write': async (twin) => {
    await twin.break({ point: 'comfyui.history.write', action: stall })
    const client = openRawClient(twin.url, 'c')
    await expect.poll(() => client.names).toContain('hello')
    const id = await submit(twin.url, smallGraph(1), 'c')
    await expect.poll(() => client.names).toContain('execution-success')
    expect(await getJson(`${twin.url}/history/${id}`)).toEqual({})
    expect(client.names).not.toContain('executing-null')
    twin.faults.healAll()
    await finished(twin, id)
    await expect.poll(() => client.names).toContain('executing-null')
  },
}

test.each(Object.entries(effects))('%s', async (_point, see) => {
  const dataFolder = temporaryFolder()
  await using twin = await startComfyui({ dataFolder })
  await see(twin, dataFolder)
})

test.each<[Action, seen: (end: { refused: unknown; end: unknown; names: readonly string[] }) => boolean]>([
  [{ kind: 'status', status: 403 }, ({ refused }) => refused === 403],
  [{ kind: 'status', status: 502, body: 'Bad Gateway' }, ({ refused }) => refused === 502],
  [{ kind: 'close' }, ({ end }) => end === 1006],
  [{ kind: 'reset' }, ({ end }) => end === 1006],
])('a handshake meets %j', async (action, isSeen) => {
  await using twin = await startComfyui()
  await twin.break({ point: 'comfyui.ws.handshake', action, when: { match: { clientId: 'a' } } })
  const [hit, other] = [openRawClient(twin.url, 'a'), openRawClient(twin.url, 'b')]
  await expect.poll(() => isSeen({ refused: hit.refused(), end: hit.end(), names: hit.names })).toBe(true)
  await expect.poll(() => other.names).toEqual(['hello'])
})
