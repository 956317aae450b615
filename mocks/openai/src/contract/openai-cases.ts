/** Lists, refusals, and answers whole and streamed, as the public API documents them. */
import type { Case, Group } from '@squall/twin-kit/conformance/case'
import {
  anything,
  check,
  having,
  listOf,
  matching,
  number,
  oneOf,
  text,
} from '@squall/twin-kit/conformance/compare'
import { readUntil } from '@squall/twin-kit/conformance/event-reader'
import { jsonOf, type Sent } from '@squall/twin-kit/conformance/send'
import { chunkOf, type OpenAiTarget } from './openai-target.ts'

type Row = readonly [name: string, sent: (target: OpenAiTarget) => Sent, status: number, error: unknown]

const invalid = { type: 'invalid_request_error' }
const post = (path: string, json: unknown): Sent => ({ method: 'POST', path, json })
const messages = [{ role: 'user', content: 'x' }]

const rows: readonly Row[] = [
  [
    'an unknown address',
    () => ({ path: '/v1/squall-nowhere' }),
    404,
    having({ message: matching(/Invalid URL/), ...invalid }),
  ],
  [
    'an unknown model',
    () => post('/v1/chat/completions', { model: 'squall-nowhere', messages }),
    404,
    having({ message: matching(/squall-nowhere/), code: 'model_not_found', ...invalid }),
  ],
  [
    'an unknown model alone',
    () => ({ path: '/v1/models/squall-nowhere' }),
    404,
    having({ code: 'model_not_found' }),
  ],
  [
    'a body that is no JSON',
    () => ({
      method: 'POST',
      path: '/v1/chat/completions',
      headers: { 'content-type': 'application/json' },
      body: '{"x":',
    }),
    400,
    having({ message: matching(/could not parse the JSON body/), ...invalid }),
  ],
  [
    'no messages',
    ({ model }) => post('/v1/chat/completions', { model }),
    400,
    having({ param: 'messages', ...invalid }),
  ],
  [
    'an empty list of messages',
    ({ model }) => post('/v1/chat/completions', { model, messages: [] }),
    400,
    having({ param: 'messages' }),
  ],
]

const usage = having({ prompt_tokens: number, completion_tokens: number, total_tokens: number })

/** Refusals cost nothing, so they run on anybody's server. */
export const refusalCases: Group<OpenAiTarget> = {
  name: 'refusals',
  cases: rows.map(
    ([name, sent, status, error]): Case<OpenAiTarget> => ({
      name,
      needs: ['model'],
      run: async (target) => {
        const answer = await target.send(sent(target))
        check('answer', { status: answer.status, body: jsonOf(answer) }, { status, body: having({ error }) })
      },
    }),
  ),
}

/** What is there. */
export const modelCases: Group<OpenAiTarget> = {
  name: 'models',
  cases: [
    {
      name: 'the list, and one of it',
      needs: ['model'],
      run: async ({ send, model }) => {
        const card = having({ id: text, object: 'model', created: number, owned_by: text })
        check(
          'list',
          jsonOf(await send({ path: '/v1/models' })),
          having({ object: 'list', data: listOf(card) }),
        )
        const one = jsonOf(await send({ path: `/v1/models/${encodeURIComponent(model)}` }))
        check('one', one, having({ id: model, object: 'model' }))
      },
    },
  ],
}

const needs = ['model', 'harm']

/** Answers. They cost tokens. */
export const answerCases: Group<OpenAiTarget> = {
  name: 'answers',
  cases: [
    {
      name: 'chat: one choice, a reason to end, usage that adds up',
      needs,
      run: async ({ chat }) => {
        const answer = await chat()
        const choice = having({
          index: 0,
          message: having({ role: 'assistant', content: text }),
          finish_reason: oneOf('stop', 'length'),
        })
        const body = jsonOf(answer) as { usage?: Record<string, number> }
        check(
          'answer',
          { status: answer.status, body },
          {
            status: 200,
            body: having({
              id: text,
              object: 'chat.completion',
              created: number,
              model: text,
              choices: [choice],
              usage,
            }),
          },
        )
        const {
          prompt_tokens: asked = 0,
          completion_tokens: said = 0,
          total_tokens: total,
        } = body.usage ?? {}
        check('total_tokens', total, asked + said)
      },
    },
    {
      name: 'chat: max_tokens ends it for its length',
      needs,
      run: async ({ chat }) => {
        const body = jsonOf(await chat({ max_tokens: 1 }))
        check(
          'answer',
          body,
          having({ choices: [having({ finish_reason: 'length' })], usage: having({ completion_tokens: 1 }) }),
        )
      },
    },
    {
      name: 'stream: the role first, words, the reason, [DONE], then the end',
      needs,
      run: async ({ stream }) => {
        using reader = await stream()
        check('type', reader.contentType, matching(/^text\/event-stream/))
        const events = await readUntil(reader, ({ data }) => data === '[DONE]')
        const chunks = events.slice(0, -1).map(chunkOf)
        const ids = new Set(chunks.map(({ id }) => id))
        check('ids', ids.size, 1)
        const first = having({
          object: 'chat.completion.chunk',
          choices: [having({ delta: having({ role: 'assistant' }), finish_reason: null })],
        })
        check('first', chunks[0], first)
        check(
          'last',
          chunks.at(-1),
          having({ choices: [having({ delta: anything, finish_reason: oneOf('stop', 'length') })] }),
        )
        check('then', await reader.next(), 'closed')
      },
    },
    {
      name: 'stream: usage in a chunk of its own, if asked for',
      needs,
      run: async ({ stream }) => {
        using reader = await stream({ stream_options: { include_usage: true } })
        const chunks = (await readUntil(reader, ({ data }) => data === '[DONE]')).slice(0, -1).map(chunkOf)
        check('last', chunks.at(-1), having({ choices: [], usage }))
        check(
          'others',
          chunks.slice(0, -1).every((chunk) => chunk['usage'] === null || chunk['usage'] === undefined),
          true,
        )
      },
    },
    {
      name: 'stream: the words are those of the whole answer',
      // Only a server that answers the same question in the same words can be held to this.
      needs: [...needs, 'repeatable'],
      run: async ({ chat, stream }) => {
        const whole = jsonOf(await chat()) as { choices: [{ message: { content: string } }] }
        using reader = await stream()
        const chunks = (await readUntil(reader, ({ data }) => data === '[DONE]')).slice(0, -1).map(chunkOf)
        const words = chunks.map(
          (chunk) => (chunk['choices'] as [{ delta: { content?: string } }])[0].delta.content ?? '',
        )
        check('words', words.join(''), whole.choices[0].message.content)
      },
    },
    {
      name: 'embeddings: a vector for each text, in order, as numbers or base64',
      needs: ['embedding-model', 'harm'],
      run: async ({ send, embeddingModel: model }) => {
        const ask = (more: object): Promise<unknown> =>
          send(post('/v1/embeddings', { model, input: ['wind', 'rain'], ...more })).then(jsonOf)
        const item = (index: number, embedding: unknown): unknown =>
          having({ object: 'embedding', index, embedding })
        const shape = (embedding: unknown): unknown =>
          having({
            object: 'list',
            data: [item(0, embedding), item(1, embedding)],
            usage: having({ prompt_tokens: number }),
          })
        check('numbers', await ask({ encoding_format: 'float' }), shape(listOf(number)))
        check('base64', await ask({ encoding_format: 'base64' }), shape(matching(/^[A-Za-z0-9+/]+=*$/)))
      },
    },
  ],
}
