/** What every LiteLLM gateway of 1.101 does, whatever models it has. Measured on the real one (contract/golden.json). */
import type { Case, Group } from '@squall/twin-kit/conformance/case'
import { check, having, listOf, matching, number, oneOf, text } from '@squall/twin-kit/conformance/compare'
import { readUntil } from '@squall/twin-kit/conformance/event-reader'
import { jsonOf, type Sent } from '@squall/twin-kit/conformance/send'
import type { GatewayTarget } from './gateway-target.ts'

type Row = readonly [name: string, sent: Sent, status: number, body: unknown]

const json = { 'content-type': 'application/json' }
const messages = [{ role: 'user', content: 'x' }]
const chatWith = (body: object, headers: Readonly<Record<string, string>> = {}): Sent => ({
  method: 'POST',
  path: '/v1/chat/completions',
  json: body,
  headers,
})
const refusal = (fields: Readonly<Record<string, unknown>>): unknown => ({ error: having(fields) })
const unknownModel = matching(
  /Invalid model name passed in model=squall-nowhere\. Call `\/v1\/models` to view/,
)

/** Sent without any key, or with a wrong one. */
const bareRows: readonly Row[] = [
  ['liveliness is a JSON string', { path: '/health/liveliness' }, 200, "I'm alive!"],
  ['liveness is the same', { path: '/health/liveness' }, 200, "I'm alive!"],
  ['readiness', { path: '/health/readiness' }, 200, having({ status: oneOf('healthy', 'connected') })],
  ['an unknown path', { path: '/squall-nowhere' }, 404, { detail: 'Not Found' }],
  ['a wrong method', { path: '/v1/chat/completions' }, 405, { detail: 'Method Not Allowed' }],
]

const keyRows: readonly Row[] = [
  [
    'no key',
    { path: '/v1/models' },
    401,
    refusal({
      message: 'Authentication Error, No api key passed in.',
      type: 'auth_error',
      param: 'None',
      code: '401',
    }),
  ],
  [
    'a key without its scheme',
    { path: '/v1/models', headers: { authorization: 'sk-squall-nobody' } },
    401,
    refusal({ message: matching(/Malformed API Key passed in/), code: '401' }),
  ],
  [
    'a broken body is refused before the key is looked at',
    { method: 'POST', path: '/v1/chat/completions', headers: json, body: '{"model":' },
    400,
    refusal({ type: 'invalid_request_error', param: 'request_body', code: '400' }),
  ],
]

/** Sent with the key; nothing of it reaches a model. */
const guardedRows: readonly Row[] = [
  [
    'models, with /v1',
    { path: '/v1/models' },
    200,
    having({ object: 'list', data: listOf(having({ id: text, object: 'model', created: number })) }),
  ],
  ['models, without', { path: '/models' }, 200, having({ object: 'list' })],
  [
    'an unknown model in the list',
    { path: '/v1/models/squall-nowhere' },
    404,
    { detail: matching(/`squall-nowhere` does not exist/) },
  ],
  [
    'chat with an unknown model',
    chatWith({ model: 'squall-nowhere', messages }),
    400,
    refusal({ message: unknownModel, type: 'invalid_request_error', param: null, code: '400' }),
  ],
  [
    'completions with an unknown model, in Python words',
    { method: 'POST', path: '/v1/completions', json: { model: 'squall-nowhere', prompt: 'x' } },
    400,
    refusal({ message: unknownModel, type: 'None', param: 'None', code: '400' }),
  ],
]

function casesOf(
  rows: readonly Row[],
  by: 'send' | 'sendBare',
  needs: readonly string[],
): readonly Case<GatewayTarget>[] {
  return rows.map(([name, sent, status, body]) => ({
    name,
    needs,
    run: async (target) => {
      const answer = await target[by](sent)
      check(
        `${sent.method ?? 'GET'} ${sent.path}`,
        { status: answer.status, body: jsonOf(answer) },
        { status, body },
      )
    },
  }))
}

/** What costs nothing. */
export const gatewayCases: Group<GatewayTarget> = {
  name: 'gateway',
  cases: [
    ...casesOf(bareRows, 'sendBare', []),
    ...casesOf(keyRows, 'sendBare', ['asks-for-key']),
    ...casesOf(guardedRows, 'send', ['key']),
    {
      name: 'model info shows no credentials',
      needs: ['key'],
      run: async ({ send }) => {
        const answer = await send({ path: '/v1/model/info' })
        check('status', answer.status, 200)
        check('a key in it', /"sk-[^"*]{8,}"/.test(answer.text), false)
      },
    },
    {
      name: 'a refused call keeps its id and costs nothing',
      needs: ['key'],
      run: async ({ send }) => {
        const headers = { 'x-litellm-call-id': 'squall-refused' }
        const answer = await send(chatWith({ model: 'squall-nowhere', messages }, headers))
        check(
          'headers',
          answer.headers,
          having({ 'x-litellm-call-id': 'squall-refused', 'x-litellm-response-cost': '0' }),
        )
      },
    },
  ],
}

const needs = ['key', 'model', 'harm']

/** What reaches a model. */
export const modelCases: Group<GatewayTarget> = {
  name: 'model',
  cases: [
    {
      name: 'chat: answered under the alias, with the headers of the gateway',
      needs,
      run: async ({ chat, model }) => {
        const answer = await chat({}, { 'x-litellm-call-id': 'squall-call' })
        check(
          'answer',
          { status: answer.status, body: jsonOf(answer), headers: answer.headers },
          {
            status: 200,
            body: having({
              object: 'chat.completion',
              model,
              choices: [having({ finish_reason: oneOf('stop', 'length') })],
            }),
            headers: having({
              'x-litellm-call-id': 'squall-call',
              'x-litellm-model-group': model,
              'x-litellm-model-id': text,
              'x-litellm-version': matching(/^\d+\.\d+\.\d+/),
            }),
          },
        )
      },
    },
    {
      name: 'chat: a call without an id gets one',
      needs,
      run: async ({ chat }) => {
        check('id', (await chat()).headers['x-litellm-call-id'], matching(/^[0-9a-f]{8}-[0-9a-f-]{27}$/))
      },
    },
    {
      name: 'stream: chunks under the alias, then [DONE], then the end',
      needs,
      run: async ({ stream, model }) => {
        using reader = await stream()
        check('type', reader.contentType, 'text/event-stream; charset=utf-8')
        const events = await readUntil(reader, ({ data }) => data === '[DONE]')
        const chunks = events
          .slice(0, -1)
          .map(({ data }) => JSON.parse(data) as Readonly<Record<string, unknown>>)
        check('chunks', chunks, listOf(having({ object: 'chat.completion.chunk', model })))
        check('first', chunks[0], having({ choices: [having({ delta: having({ role: 'assistant' }) })] }))
        const reason = having({ finish_reason: oneOf('stop', 'length') })
        check('a reason to end', chunks.at(-1), having({ choices: [reason] }))
        check('then', await reader.next(), 'closed')
      },
    },
  ],
}
