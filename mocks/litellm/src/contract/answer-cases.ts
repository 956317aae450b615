/** Answers that the upstream makes and the gateway passes on, byte for byte as the upstream's journal has them. */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { type Gateway, openAiClient, post, question } from './gateway.ts'

const ask = { model: 'squall-text', messages: question }

export function answerCases(gateway: () => Gateway): void {
  chatCases(gateway)
  headerCases(gateway)
  otherCases(gateway)
}

function chatCases(gateway: () => Gateway): void {
  test('chat: the text is what the upstream journalled under the same id', async () => {
    const answer = await openAiClient(gateway()).chat.completions.create(ask)
    const text = answer.choices[0]?.message.content ?? ''
    expect(answer).toMatchObject({ object: 'chat.completion', model: 'squall-text' })
    expect(answer.choices[0]).toMatchObject({ finish_reason: 'stop', message: { role: 'assistant' } })
    expect(answer.usage).toMatchObject({ completion_tokens: 50 })
    await expectJournalled(gateway(), answer.id, Buffer.from(text))
  })

  test('chat stream: the same text in the upstream pieces, usage when asked for', async () => {
    const client = openAiClient(gateway())
    const options = { include_usage: true }
    const stream = await client.chat.completions.create({ ...ask, stream: true, stream_options: options })
    const chunks = []
    for await (const chunk of stream) chunks.push(chunk)
    const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')
    expect(new Set(chunks.map((chunk) => chunk.model))).toEqual(new Set(['squall-text']))
    expect(chunks[0]?.choices[0]?.delta.role).toBe('assistant')
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop')
    expect(chunks.at(-1)?.usage).toMatchObject({ completion_tokens: 50 })
    expect(chunks.length).toBe(1 + 50 + 2)
    await expectJournalled(gateway(), chunks[0]?.id ?? '', Buffer.from(text))
  })

  test.for(['/chat/completions', '/v1/chat/completions'])(
    '%s streams without nulls to [DONE]',
    async (path) => {
      const { headers, text } = await post(gateway(), path, { ...ask, stream: true, max_tokens: 3 })
      expect(headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
      expect(headers.get('cache-control')).toBe('no-cache')
      expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
      expect(text).not.toContain('null')
      expect(text).toContain('"finish_reason":"length"')
    },
  )
}

function headerCases(gateway: () => Gateway): void {
  test('the headers name call, model, group, version and upstream', async () => {
    const given = { 'x-litellm-call-id': 'call-of-the-contract' }
    const { headers } = await post(gateway(), '/v1/chat/completions', { ...ask, max_tokens: 1 }, given)
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-litellm-call-id': 'call-of-the-contract',
      'x-litellm-model-group': 'squall-text',
      'x-litellm-model-name': 'openai/squall-chat-1',
      'x-litellm-model-id': expect.stringMatching(/^[0-9a-f]{64}$/),
      'x-litellm-model-api-base': expect.stringMatching(/^http:.*\/v1$/),
      'x-litellm-version': expect.stringMatching(/^\d+\.\d+\.\d+/),
      'x-litellm-attempted-retries': '0',
      'x-litellm-attempted-fallbacks': '0',
      'llm_provider-content-type': 'application/json',
      'x-frame-options': 'DENY',
    })
    expect(Number(headers.get('x-litellm-response-duration-ms'))).toBeGreaterThanOrEqual(100)
  })

  test('chat does not pass the user on, completions do', async () => {
    const { upstream } = gateway()
    const seen = upstream.journal.length
    await post(gateway(), '/v1/chat/completions', { ...ask, max_tokens: 1, user: 'ann' })
    await post(gateway(), '/v1/completions', {
      model: 'squall-text',
      prompt: 'x',
      max_tokens: 1,
      user: 'ben',
    })
    const accepted = () => upstream.journal.slice(seen).filter((line) => line.event === 'job-accepted')
    await expect.poll(() => accepted().map((line) => line['clientId'])).toEqual([undefined, 'ben'])
  })

  test('a call without an id gets one', async () => {
    const { headers } = await post(gateway(), '/v1/chat/completions', { ...ask, max_tokens: 1 })
    expect(headers.get('x-litellm-call-id')).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/)
  })
}

function otherCases(gateway: () => Gateway): void {
  test('completions, whole and streamed', async () => {
    const client = openAiClient(gateway())
    const request = { model: 'squall-text', prompt: 'Once', max_tokens: 4 }
    const whole = await client.completions.create(request)
    let streamed = ''
    for await (const chunk of await client.completions.create({ ...request, stream: true })) {
      streamed += chunk.choices[0]?.text ?? ''
    }
    expect(whole).toMatchObject({ object: 'text_completion', model: 'squall-text' })
    expect(whole.choices[0]).toMatchObject({ finish_reason: 'length', text: streamed })
    await expectJournalled(gateway(), whole.id, Buffer.from(streamed))
  })

  test('embeddings: the vectors are those the upstream journalled', async () => {
    const input = ['wind', 'rain']
    const answer = await openAiClient(gateway()).embeddings.create({ model: 'squall-embed', input })
    expect(answer.model).toBe('squall-embed')
    expect(answer.data.map((item) => item.index)).toEqual([0, 1])
    for (const { embedding } of answer.data) {
      const bytes = Buffer.from(Float32Array.from(embedding).buffer)
      await expectJournalled(gateway(), expect.stringMatching(/^embd-/), bytes)
    }
  })
}

async function expectJournalled({ upstream }: Gateway, jobId: unknown, bytes: Buffer): Promise<void> {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const line = expect.objectContaining({ event: 'output', jobId, sha256, bytes: bytes.byteLength })
  // The line travels through a pipe, the answer through sockets: either may be first.
  await expect.poll(() => upstream.journal).toContainEqual(line)
}
