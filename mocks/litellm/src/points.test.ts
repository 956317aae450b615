/** Each fault point has its effect seen from the outside. A point without an entry here does not compile. */
import { tmpdir } from 'node:os'
import { type Action, type Fault, type FlagValues, type StartedTwin, startTwin } from '@squall/twin-kit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { configFiles, upstreamMain } from './contract/gateway.ts'
import { type Program, startProgram } from './contract/program.ts'
import type { Edge, LiteLlmPoint } from './points.ts'
import { liteLlmTwin } from './twin.ts'

type Effect = {
  readonly action: Action
  readonly when?: NonNullable<Fault['when']>
  readonly flags?: FlagValues
  readonly see: (twin: StartedTwin, upstream: Program) => Promise<void>
}

const messages = [{ role: 'user', content: 'hi' }]
const refusal: Action = { kind: 'status', status: 503, body: 'broken on purpose' }
const routing = { config: configFiles.routing, 'master-key': 'sk-good' }

const requests: Readonly<Record<Edge, (twin: StartedTwin) => Promise<Response>>> = {
  liveliness: (twin) => fetch(`${twin.url}/health/liveliness`),
  readiness: (twin) => fetch(`${twin.url}/health/readiness`),
  health: (twin) => fetch(`${twin.url}/health`),
  models: (twin) => fetch(`${twin.url}/v1/models`),
  'model-info': (twin) => fetch(`${twin.url}/model/info`),
  chat: (twin) => chat(twin),
  completions: (twin) => post(twin, '/completions', { model: 'squall-mock', prompt: 'hi' }),
  embeddings: (twin) => post(twin, '/embeddings', { model: 'squall-mock', input: 'hi' }),
  images: (twin) => post(twin, '/images/generations', { model: 'squall-mock', prompt: 'hi' }),
  keys: (twin) => post(twin, '/key/generate', {}),
}

const effects: Readonly<Record<LiteLlmPoint, Effect>> = {
  ...edgeEffects('liveliness'),
  ...edgeEffects('readiness'),
  ...edgeEffects('health'),
  ...edgeEffects('models'),
  ...edgeEffects('model-info'),
  ...edgeEffects('chat'),
  ...edgeEffects('completions'),
  ...edgeEffects('embeddings'),
  ...edgeEffects('images'),
  ...edgeEffects('keys'),
  'litellm.stream.first': {
    action: { kind: 'drop' },
    see: async (twin) => expect((await stream(twin))[0]).not.toContain('"role"'),
  },
  'litellm.stream.chunk': {
    action: { kind: 'duplicate' },
    see: async (twin) => expect((await stream(twin)).filter(hasText)).toHaveLength(6),
  },
  'litellm.stream.finish': {
    action: { kind: 'close' },
    see: async (twin) => expect((await stream(twin)).join('')).not.toMatch(/finish_reason|DONE/),
  },
  'litellm.stream.usage': {
    action: { kind: 'drop' },
    see: async (twin) => {
      const events = await stream(twin, { stream_options: { include_usage: true } })
      expect(events.join('')).not.toContain('prompt_tokens')
    },
  },
  'litellm.stream.done': {
    action: { kind: 'drop' },
    see: async (twin) => expect((await stream(twin)).at(-1)).toContain('finish_reason'),
  },
  'litellm.stream.error': {
    action: { kind: 'drop' },
    see: async (twin, upstream) => {
      await upstream.break({ point: 'openai.stream.token', action: { kind: 'reset' } })
      expect((await stream(twin)).join('')).not.toContain('error')
    },
  },
  'litellm.auth.check': {
    action: { kind: 'drop' },
    flags: { 'master-key': 'sk-good' },
    see: async (twin) => expect((await requests.models(twin)).status).toBe(200),
  },
  'litellm.router.choose': {
    action: { kind: 'fail', as: 'none-left' },
    see: async (twin) => {
      const response = await chat(twin)
      expect(response.status).toBe(429)
      expect(await response.text()).toContain(
        'No deployments available for selected model, Try again in 5 seconds',
      )
    },
  },
  'litellm.router.cooldown': {
    action: { kind: 'drop' },
    flags: routing,
    see: async (twin, upstream) => {
      await upstream.break({ point: 'openai.generation.start', action: { kind: 'fail', as: 'unauthorized' } })
      const statuses = [(await chat(twin, 'one')).status, (await chat(twin, 'one')).status]
      expect(statuses).toEqual([401, 401])
    },
  },
  'litellm.router.attempted': {
    action: { kind: 'drop' },
    flags: routing,
    see: async (twin, upstream) => {
      await upstream.break({ point: 'openai.generation.start', action: { kind: 'fail', as: 'server-error' } })
      expect(await callsDuring(upstream, () => chat(twin, 'ring-a'))).toBe(6)
    },
  },
  'litellm.slot.release': {
    action: { kind: 'drop' },
    flags: { 'max-parallel-requests': '1' },
    see: async (twin) => {
      expect([(await chat(twin)).status, (await chat(twin)).status]).toEqual([200, 429])
    },
  },
  'litellm.mock.delay': {
    action: { kind: 'delay', ms: 150 },
    see: async (twin) => {
      const start = performance.now()
      await chat(twin)
      expect(performance.now() - start).toBeGreaterThan(140)
    },
  },
  'litellm.upstream.connect': {
    action: { kind: 'fail', as: 'connection' },
    see: async (twin, upstream) => {
      expect(await callsDuring(upstream, () => chat(twin, 'squall-text'))).toBe(0)
      expect((await chat(twin, 'squall-text')).status).toBe(500)
    },
  },
  'litellm.upstream.answer': {
    action: { kind: 'fail', as: 'rate-limit' },
    see: async (twin, upstream) => {
      expect(await callsDuring(upstream, () => chat(twin, 'squall-text'))).toBe(1)
      expect((await chat(twin, 'squall-text')).status).toBe(429)
    },
  },
  'litellm.upstream.chunk': {
    action: { kind: 'drop' },
    when: { match: { index: 1 } },
    see: async (twin) => expect((await stream(twin)).filter(hasText)).toHaveLength(2),
  },
  'litellm.hang-up.pass': {
    action: { kind: 'drop' },
    see: async (twin, upstream) => {
      const hangUp = new AbortController()
      const seen = upstream.journal.length
      const long = { ...streamed, max_tokens: 40 }
      const response = await post(twin, '/chat/completions', long, hangUp.signal)
      await response.body?.getReader().read()
      hangUp.abort()
      await expect
        .poll(() => upstream.journal.slice(seen).find((line) => line.event === 'job-finished'))
        .toMatchObject({ outcome: 'success' })
    },
  },
  'litellm.health.check': {
    action: { kind: 'drop' },
    flags: { upstream: 'http://127.0.0.1:9/v1' },
    see: async (twin) =>
      expect(await (await requests.health(twin)).json()).toMatchObject({
        healthy_count: 4,
        unhealthy_count: 0,
      }),
  },
  'litellm.readiness.check': {
    action: { kind: 'fail', as: 'database-down' },
    see: async (twin) => {
      const response = await requests.readiness(twin)
      expect({ status: response.status, body: await response.json() }).toMatchObject({
        status: 503,
        body: { detail: expect.stringContaining('Service Unhealthy') },
      })
    },
  },
}

const streamed = { model: 'squall-text', messages, max_tokens: 3, stream: true }

let upstream: Program

beforeAll(async () => {
  const flags = ['--first-token-ms', '5', '--token-ms', '5']
  upstream = await startProgram({ main: upstreamMain, flags })
})
afterAll(async () => await upstream[Symbol.asyncDispose]())

describe.each(Object.entries(effects))('%s', (point, { action, when, flags, see }) => {
  test(`${action.kind} is seen from the outside`, async () => {
    await using twin = await startTwin({
      ...liteLlmTwin,
      dataFolder: tmpdir(),
      flags: { upstream: `${upstream.url}/v1`, ...flags },
    })
    await twin.break({ point, action, ...(when && { when }) })
    try {
      await see(twin, upstream)
    } finally {
      await upstream.heal()
    }
    expect(twin.faults.list()[0]?.applied).toBeGreaterThan(0)
  })
})

function edgeEffects<Name extends Edge>(edge: Name) {
  const effect: Effect = {
    action: refusal,
    see: async (twin) => expect((await requests[edge](twin)).status).toBe(503),
  }
  return { [`litellm.http.${edge}`]: effect, [`litellm.answer.${edge}`]: effect } as Record<
    `litellm.http.${Name}` | `litellm.answer.${Name}`,
    Effect
  >
}

/** How many jobs the upstream was given meanwhile. */
async function callsDuring(program: Program, work: () => Promise<unknown>): Promise<number> {
  const seen = program.journal.length
  await work()
  // The journal comes through a pipe; the answer to the next request says that it is up to date.
  await program.heal()
  return program.journal.slice(seen).filter((line) => line.event === 'job-accepted').length
}

async function stream(twin: StartedTwin, more: object = {}): Promise<readonly string[]> {
  const text = await (await post(twin, '/chat/completions', { ...streamed, ...more })).text()
  return text.split('\n\n').flatMap((event) => (event === '' ? [] : [event.slice('data: '.length)]))
}

function hasText(chunk: string): boolean {
  return /"content":"[^"]/.test(chunk)
}

function chat(twin: StartedTwin, model = 'squall-mock'): Promise<Response> {
  return post(twin, '/chat/completions', { model, messages, max_tokens: 3 })
}

function post(twin: StartedTwin, path: string, body: object, signal?: AbortSignal): Promise<Response> {
  const headers = { authorization: 'Bearer sk-good' }
  const init = { method: 'POST', body: JSON.stringify(body), headers }
  return fetch(twin.url + path, signal === undefined ? init : { ...init, signal })
}
