/** Models the gateway answers itself: `mock_response` of the configuration. */
import { expect, test } from 'vitest'
import { type Gateway, openAiClient, post, question } from './gateway.ts'

const text = 'Squall is a sudden gust of wind.'
const ask = { model: 'squall-mock', messages: question }

export function mockCases(gateway: () => Gateway): void {
  test('mock chat has fixed text and usage', async () => {
    const { status, text: body } = await post(gateway(), '/v1/chat/completions', ask)
    expect(status).toBe(200)
    expect(JSON.parse(body)).toEqual({
      id: expect.stringMatching(/^chatcmpl-[0-9a-f-]{36}$/),
      created: expect.closeTo(Date.now() / 1000, -2),
      model: 'squall-mock',
      object: 'chat.completion',
      choices: [{ finish_reason: 'stop', index: 0, message: { content: text, role: 'assistant' } }],
      usage: { completion_tokens: 20, prompt_tokens: 10, total_tokens: 30 },
    })
  })

  test('mock chat streams 3 characters at a time', async () => {
    const { text: body } = await post(gateway(), '/v1/chat/completions', { ...ask, stream: true })
    const events = body.split('\n\n').slice(0, -1)
    expect(events.pop()).toBe('data: [DONE]')
    const choices = events.map((event) => JSON.parse(event.slice(6)).choices[0])
    expect(choices[0].delta).toEqual({ role: 'assistant', content: 'Squ' })
    expect(choices.at(-1)).toEqual({ index: 0, delta: {}, finish_reason: 'stop' })
    const pieces = choices.slice(0, -1).map((choice) => choice.delta.content)
    expect(pieces.join('')).toBe(text)
    expect(pieces.slice(0, -1).every((piece) => piece.length === 3)).toBe(true)
  })

  test('mock chat gives n copies', async () => {
    const answer = await openAiClient(gateway()).chat.completions.create({ ...ask, n: 2 })
    expect(answer.choices.map((choice) => choice.message.content)).toEqual([text, text])
  })

  test('mock completions, whole and streamed', async () => {
    const request = { model: 'squall-mock', prompt: 'hi' }
    const whole = await post(gateway(), '/v1/completions', request)
    expect(JSON.parse(whole.text)).toMatchObject({
      object: 'text_completion',
      choices: [{ finish_reason: 'stop', index: 0, text, logprobs: null }],
      usage: { completion_tokens: 20, prompt_tokens: 10, total_tokens: 30 },
    })
    const stream = await openAiClient(gateway()).completions.create({ ...request, stream: true })
    const pieces = []
    for await (const chunk of stream) pieces.push(chunk.choices[0]?.text ?? '')
    expect({ first: pieces[0], all: pieces.join('') }).toEqual({ first: 'Squ', all: text })
  })

  test('a mock text stands where the vector should be', async () => {
    const { text: body } = await post(gateway(), '/v1/embeddings', { model: 'squall-mock', input: 'hi' })
    expect(JSON.parse(body)).toMatchObject({
      model: 'squall-mock',
      data: [{ embedding: text, index: 0, object: 'embedding' }],
    })
  })

  test('a mock answer still names the public address of its provider', async () => {
    const { headers } = await post(gateway(), '/v1/chat/completions', ask)
    expect(headers.get('x-litellm-model-api-base')).toBe('https://api.openai.com')
  })
}
