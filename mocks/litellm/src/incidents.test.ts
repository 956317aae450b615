/**
 * Failures that people reported of LiteLLM (litellm.md, section 7), each played by a fault point of the twin, and
 * what the `openai` package makes of it. Those that begin at the upstream also run against the real one.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Fault, type FlagValues, startTwin } from '@squall/twin-kit'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Gateway, upstreamMain } from './contract/gateway.ts'
import { incidentTests, routingIncidentTests, streamTold, wholeError } from './contract/incidents.ts'
import { type Program, startProgram } from './contract/program.ts'
import { question } from './contract/session.ts'
import { openTwinGateway } from './contract/twin-gateway.ts'
import { liteLlmTwin } from './twin.ts'

describe.each(['compose', 'routing'] as const)('upstreams behind the twin, %s', (config) => {
  let opened: Gateway | undefined
  beforeAll(async () => {
    opened = await openTwinGateway(config)
  })
  afterAll(async () => await opened?.[Symbol.asyncDispose]())
  const gateway = (): Gateway => {
    if (opened === undefined) throw new Error('the gateway did not start')
    return opened
  }
  if (config === 'compose') incidentTests(gateway)
  else routingIncidentTests(gateway)
})

let upstream: Program
beforeAll(async () => {
  upstream = await startProgram({ main: upstreamMain, flags: ['--first-token-ms', '5', '--token-ms', '5'] })
})
afterAll(async () => await upstream[Symbol.asyncDispose]())

test('#9998, #12669, #35497: liveness times out while chat is served', async () => {
  await using gateway = await broken({ point: 'litellm.http.liveliness', action: { kind: 'stall' } })
  const probe = fetch(`${gateway.url}/health/liveliness`, { signal: AbortSignal.timeout(300) })
  await expect(probe).rejects.toMatchObject({ name: 'TimeoutError' })
  expect(await wholeError(gateway)).toBeUndefined()
})

test('#12685, #38193: the process dies after some calls', async () => {
  await using gateway = await broken({
    point: 'litellm.http.chat',
    action: { kind: 'crash' },
    when: { nth: 3 },
  })
  const errors = [await wholeError(gateway), await wholeError(gateway), await wholeError(gateway)]
  expect(errors.slice(0, 2)).toEqual([undefined, undefined])
  expect(errors[2]).toBeInstanceOf(OpenAI.APIConnectionError)
})

test('#20256, #27955: places of streams that clients gave up are never free again: 429 from then on', async () => {
  const lost: Fault = {
    point: 'litellm.slot.release',
    action: { kind: 'drop' },
    when: { match: { aborted: true } },
  }
  await using gateway = await broken(lost, { 'max-parallel-requests': '2' })
  for (let client = 0; client < 2; client++) await hangUp(gateway)
  await expect.poll(gateway.losses).toBe(2)
  for (let call = 0; call < 3; call++) {
    const error = await wholeError(gateway)
    expect(error).toBeInstanceOf(OpenAI.RateLimitError)
    expect(error).toMatchObject({ code: '429', message: expect.stringContaining('max_parallel_requests') })
  }
})

test('without that fault the same hang-ups cost nothing', async () => {
  await using gateway = await broken(undefined, { 'max-parallel-requests': '2' })
  for (let client = 0; client < 2; client++) await hangUp(gateway)
  await expect.poll(() => wholeError(gateway)).toBeUndefined()
})

test('#9178: a gateway that does not pass hang-ups on leaves its upstream working for nobody', async () => {
  await using gateway = await broken({ point: 'litellm.hang-up.pass', action: { kind: 'drop' } })
  const seen = upstream.journal.length
  await hangUp(gateway)
  const finished = (): unknown => upstream.journal.slice(seen).find((line) => line.event === 'job-finished')
  await expect.poll(finished, { timeout: 5000 }).toMatchObject({ outcome: 'success' })
})

test('#3646: "No deployments available", whatever their state', async () => {
  await using gateway = await broken({
    point: 'litellm.router.choose',
    action: { kind: 'fail', as: 'none-left' },
  })
  const error = await wholeError(gateway)
  expect(error).toBeInstanceOf(OpenAI.RateLimitError)
  expect(error).toMatchObject({ message: expect.stringContaining('Try again in 5 seconds') })
})

test('#38957: the stream ends cleanly, without finish reason and [DONE]: the client takes a cut text for whole', async () => {
  await using gateway = await broken({
    point: 'litellm.stream.chunk',
    action: { kind: 'close' },
    when: { match: { index: 3 } },
  })
  const told = await streamTold(gateway)
  expect(told).toMatchObject({ finishReason: undefined, error: undefined })
  expect(told.text.split(' ')).toHaveLength(2)
})

test('#26015: 429 after the first chunk', async () => {
  await using gateway = await broken({
    point: 'litellm.upstream.chunk',
    action: { kind: 'fail', as: 'rate-limit' },
    when: { match: { index: 2 } },
  })
  const { error } = await streamTold(gateway)
  expect(error).toBeInstanceOf(OpenAI.APIError)
  expect(error).toMatchObject({ status: undefined, code: '429' })
})

test('#18708, #8498: the database has no connection left: 401 for a good key', async () => {
  await using gateway = await broken({
    point: 'litellm.auth.check',
    action: { kind: 'fail', as: 'unauthorized' },
    when: { every: 2 },
  })
  expect(await wholeError(gateway)).toBeUndefined()
  expect(await wholeError(gateway)).toBeInstanceOf(OpenAI.AuthenticationError)
})

test('#26886: the query engine is gone: 500 for everybody, until it is healed', async () => {
  await using gateway = await broken({
    point: 'litellm.auth.check',
    action: { kind: 'fail', as: 'server-error' },
  })
  expect(await wholeError(gateway)).toBeInstanceOf(OpenAI.InternalServerError)
  gateway.heal()
  expect(await wholeError(gateway)).toBeUndefined()
})

test('a slow cache (docs, April 2026): every key takes its time', async () => {
  await using gateway = await broken({ point: 'litellm.auth.check', action: { kind: 'delay', ms: 300 } })
  const start = performance.now()
  await wholeError(gateway)
  expect(performance.now() - start).toBeGreaterThan(290)
})

test('cached connections closed while in use (docs, February 2026): every second call fails', async () => {
  await using gateway = await broken({
    point: 'litellm.upstream.connect',
    action: { kind: 'fail', as: 'connection' },
    when: { every: 2 },
  })
  expect(await wholeError(gateway)).toBeUndefined()
  expect(await wholeError(gateway)).toMatchObject({
    status: 500,
    message: expect.stringContaining('Connection error'),
  })
})

test('#9440, #13898: a limit that cannot be', async () => {
  const message = 'Crossed TPM limit: tpm limit 9223372036854775807, current usage -2'
  const error = { message, type: 'throttling_error', param: 'None', code: '429' }
  await using gateway = await broken({
    point: 'litellm.answer.chat',
    action: { kind: 'status', status: 429, body: { error }, headers: { 'retry-after': '1' } },
  })
  expect(await wholeError(gateway)).toMatchObject({ status: 429, message: expect.stringContaining('-2') })
})

test('#35303: without memory of what was tried, a cycle goes round until the depth is reached', async () => {
  const forgetful: Fault = { point: 'litellm.router.attempted', action: { kind: 'drop' } }
  await using gateway = await broken(forgetful, {
    config: join(import.meta.dirname, 'contract/config.yaml'),
    'master-key': 'sk-any',
  })
  await upstream.break({ point: 'openai.generation.start', action: { kind: 'fail', as: 'server-error' } })
  const seen = upstream.journal.length
  const asked = gateway.client.chat.completions.create({ model: 'ring-a', messages: question })
  await expect(asked).rejects.toMatchObject({ status: 500 })
  await upstream.heal()
  const calls = upstream.journal.slice(seen).filter((line) => line.event === 'job-accepted')
  expect(calls).toHaveLength(6)
})

test('health lies: green while every model is broken, and readiness green without any', async () => {
  const lie: Fault = { point: 'litellm.health.check', action: { kind: 'drop' } }
  await using gateway = await broken(lie, { upstream: 'http://127.0.0.1:9/v1' })
  const health = await (await fetch(`${gateway.url}/health`)).json()
  expect(health).toMatchObject({ unhealthy_count: 0 })
  expect((await fetch(`${gateway.url}/health/readiness`)).status).toBe(200)
  expect(await wholeError(gateway)).toMatchObject({ status: 500 })
})

test('#30328: the process is up and its port stays closed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'litellm-start-'))
  const file = join(folder, 'faults.json')
  writeFileSync(file, JSON.stringify([{ point: 'litellm.process.start', action: { kind: 'stall' } }]))
  const probe = await startProgram({ main: join(import.meta.dirname, 'main.ts') })
  const { port } = new URL(probe.url)
  await probe.kill()
  const args = [
    join(import.meta.dirname, 'main.ts'),
    '--port',
    port,
    '--data-folder',
    folder,
    '--faults',
    file,
  ]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  expect(said.toString()).toContain('fault-armed')
  const socket = connect(Number(port), '127.0.0.1')
  await expect(once(socket, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  expect(child.exitCode).toBeNull()
  child.kill('SIGKILL')
  await once(child, 'exit')
  rmSync(folder, { recursive: true })
})

/** The twin with one fault, before the upstream. */
async function broken(fault: Fault | undefined, flags: FlagValues = {}) {
  const twin = await startTwin({
    ...liteLlmTwin,
    dataFolder: tmpdir(),
    flags: { upstream: `${upstream.url}/v1`, ...flags },
  })
  if (fault !== undefined) await twin.break(fault)
  return {
    url: twin.url,
    client: new OpenAI({ baseURL: `${twin.url}/v1`, apiKey: 'sk-any', maxRetries: 0 }),
    heal: () => twin.faults.healAll(),
    losses: () => twin.faults.list()[0]?.applied,
    [Symbol.asyncDispose]: () => twin[Symbol.asyncDispose](),
  }
}

/** One client that leaves its stream after the first chunk. */
async function hangUp({ client }: { readonly client: OpenAI }): Promise<void> {
  const leaving = new AbortController()
  const request = { model: 'squall-text', messages: question, stream: true } as const
  for await (const _ of await client.chat.completions.create(request, { signal: leaving.signal })) {
    leaving.abort()
  }
}
