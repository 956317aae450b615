/** Each fault point has its effect seen from the outside. A point without an entry here does not compile. */
import { tmpdir } from 'node:os'
import { type Action, type StartedTwin, startTwin } from '@squall/twin-kit'
import { describe, expect, test } from 'vitest'
import { type OpenAiPoint, openAiPoints } from './points.ts'
import { openAiTwin } from './twin.ts'

type Effect = { readonly action: Action; readonly see: (twin: StartedTwin) => Promise<void> }

const refusal: Action = { kind: 'status', status: 503, body: { error: { message: 'broken on purpose' } } }
const question = [{ role: 'user', content: 'hi' }]
const chat = { model: 'squall-chat-1', messages: question, max_tokens: 3 }
const streamed = { ...chat, stream: true, stream_options: { include_usage: true } }

const requests = {
  chat: (twin) => post(twin, '/v1/chat/completions', chat),
  completions: (twin) => post(twin, '/v1/completions', { model: 'squall-chat-1', prompt: 'hi' }),
  embeddings: (twin) => post(twin, '/v1/embeddings', { model: 'squall-embed-1', input: 'hi' }),
  images: (twin) =>
    post(twin, '/v1/images/generations', { model: 'squall-image-1', prompt: 'hi', size: '256x256' }),
  models: (twin) => fetch(`${twin.url}/v1/models`),
} satisfies Record<string, (twin: StartedTwin) => Promise<Response>>

type Edge = keyof typeof requests

const effects: Readonly<Record<OpenAiPoint, Effect>> = {
  ...edgeEffects('chat'),
  ...edgeEffects('completions'),
  ...edgeEffects('embeddings'),
  ...edgeEffects('images'),
  ...edgeEffects('models'),
  'openai.stream.opening': {
    action: { kind: 'drop' },
    see: async (twin) => expect((await chunks(twin))[0]).not.toContain('"role"'),
  },
  'openai.stream.token': {
    action: { kind: 'duplicate' },
    see: async (twin) => expect(await texts(twin)).toHaveLength(6),
  },
  'openai.stream.finish': {
    action: { kind: 'close' },
    see: async (twin) => expect(await texts(twin)).toHaveLength(3),
  },
  'openai.stream.usage': {
    action: { kind: 'drop' },
    see: async (twin) => expect((await chunks(twin)).join('')).not.toContain('prompt_tokens'),
  },
  'openai.stream.done': {
    action: { kind: 'drop' },
    see: async (twin) => expect((await chunks(twin)).at(-1)).toContain('prompt_tokens'),
  },
  'openai.generation.start': {
    action: { kind: 'fail', as: 'rate-limit-wait' },
    see: async (twin) => {
      const response = await requests.chat(twin)
      expect({ status: response.status, wait: response.headers.get('retry-after') }).toEqual({
        status: 429,
        wait: '1',
      })
      expect(await response.json()).toMatchObject({ error: { code: 'rate_limit_exceeded' } })
      expect(twin.journal.at(-1)).toMatchObject({ event: 'job-finished', outcome: 'error' })
    },
  },
  'openai.generation.token': {
    action: { kind: 'fail', as: 'rate-limit' },
    see: async (twin) => {
      const events = await chunks(twin)
      expect(JSON.parse(events.at(-1) ?? '').error.code).toBe('rate_limit_exceeded')
      expect(twin.journal.at(-1)).toMatchObject({ event: 'job-finished', outcome: 'error' })
    },
  },
  'openai.job.hang-up': {
    action: { kind: 'drop' },
    see: async (twin) => {
      const hangUp = new AbortController()
      const response = await post(
        twin,
        '/v1/chat/completions',
        { ...streamed, max_tokens: 20 },
        hangUp.signal,
      )
      await response.body?.getReader().read()
      hangUp.abort()
      await expect
        .poll(() => twin.journal.at(-1))
        .toMatchObject({ event: 'job-finished', outcome: 'success' })
    },
  },
}

describe.each(Object.entries(effects))('%s', (point, { action, see }) => {
  test(`${action.kind} is seen from the outside`, async () => {
    await using twin = await startTwin({
      ...openAiTwin,
      dataFolder: tmpdir(),
      flags: { 'first-token-ms': '0', 'token-ms': '5', tokens: '30' },
    })
    await twin.break({ point, action })
    await see(twin)
    expect(twin.faults.list()[0]?.applied).toBeGreaterThan(0)
  })
})

test('every named failure of a job has its status', async () => {
  const names = Object.keys(openAiPoints['openai.generation.start'].fails)
  const statuses = await Promise.all(
    names.map(async (as) => {
      await using twin = await startTwin({ ...openAiTwin, dataFolder: tmpdir(), timeScale: 0 })
      await twin.break({ point: 'openai.generation.start', action: { kind: 'fail', as } })
      return [as, (await requests.chat(twin)).status]
    }),
  )
  expect(Object.fromEntries(statuses)).toEqual({
    'rate-limit': 429,
    'rate-limit-wait': 429,
    'server-error': 500,
    unavailable: 503,
    unauthorized: 401,
    'not-found': 404,
    'bad-request': 400,
    'context-window': 400,
    'content-policy': 400,
  })
})

function edgeEffects<Name extends Edge>(edge: Name) {
  const see = async (twin: StartedTwin): Promise<void> => {
    expect((await requests[edge](twin)).status).toBe(503)
  }
  const request = {
    action: refusal,
    see: async (twin: StartedTwin) => {
      await see(twin)
      expect(twin.journal.map(({ event }) => event)).not.toContain('job-accepted')
    },
  }
  const answer = {
    action: refusal,
    see: async (twin: StartedTwin) => {
      await see(twin)
      const finished = twin.journal.filter(({ event }) => event === 'job-finished')
      expect(finished).toHaveLength(edge === 'models' ? 0 : 1)
    },
  }
  return { [`openai.http.${edge}`]: request, [`openai.answer.${edge}`]: answer } as Record<
    `openai.http.${Name}` | `openai.answer.${Name}`,
    Effect
  >
}

async function chunks(twin: StartedTwin): Promise<readonly string[]> {
  const text = await (await post(twin, '/v1/chat/completions', streamed)).text()
  return text.split('\n\n').flatMap((event) => (event === '' ? [] : [event.slice('data: '.length)]))
}

async function texts(twin: StartedTwin): Promise<readonly string[]> {
  return (await chunks(twin)).filter((chunk) => /"content":"[^"]/.test(chunk))
}

function post(twin: StartedTwin, path: string, body: object, signal?: AbortSignal): Promise<Response> {
  const init = { method: 'POST', body: JSON.stringify(body) }
  return fetch(twin.url + path, signal === undefined ? init : { ...init, signal })
}
