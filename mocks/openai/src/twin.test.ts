/** The upstream as the `openai` package sees it, and as its own journal tells the same story. */
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { type JournalLine, type StartedTwin, type StartOptions, startTwin } from '@squall/twin-kit'
import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { openAiTwin } from './twin.ts'

const question = [{ role: 'user' as const, content: 'What is a squall?' }]

test('chat gives JSON whose text is the journalled output', async () => {
  await using session = await open()
  const { twin, client } = session
  const answer = await client.chat.completions.create({
    model: 'squall-chat-1',
    messages: question,
    user: 'ann',
  })
  const text = answer.choices[0]?.message.content ?? ''
  expect(answer.choices[0]).toMatchObject({ finish_reason: 'stop', message: { role: 'assistant' } })
  expect(answer.usage?.completion_tokens).toBe(text.split(' ').length)
  expect(twin.journal).toMatchObject([
    { event: 'job-accepted', jobId: answer.id, clientId: 'ann' },
    { event: 'job-started', jobId: answer.id },
    outputOf(answer.id, Buffer.from(text), 'text/plain'),
    { event: 'job-finished', jobId: answer.id, outcome: 'success' },
  ])
})

test('chat streams the same text, role first, usage last when asked for', async () => {
  await using session = await open()
  const { twin, client } = session
  const whole = await client.chat.completions.create({ model: 'squall-chat-1', messages: question })
  const stream = await client.chat.completions.create({
    model: 'squall-chat-1',
    messages: question,
    stream: true,
    stream_options: { include_usage: true },
  })
  const chunks = await collect(stream)
  const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')
  expect(text).toBe(whole.choices[0]?.message.content)
  expect(chunks[0]?.choices[0]?.delta).toEqual({ role: 'assistant', content: '' })
  expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop')
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage })
  const id = chunks[0]?.id ?? ''
  expect(twin.journal).toContainEqual(expect.objectContaining(outputOf(id, Buffer.from(text), 'text/plain')))
})

test('a stream ends with [DONE]', async () => {
  await using session = await open()
  const { twin } = session
  const body = { model: 'squall-chat-1', messages: question, stream: true, max_tokens: 2 }
  const response = await post(twin, '/v1/chat/completions', JSON.stringify(body))
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  expect((await response.text()).endsWith('data: [DONE]\n\n')).toBe(true)
})

test('completions answer one prompt, whole and streamed', async () => {
  await using session = await open()
  const { client } = session
  const ask = { model: 'squall-chat-1', prompt: 'Once', max_tokens: 5 }
  const whole = await client.completions.create(ask)
  const chunks = await collect(await client.completions.create({ ...ask, stream: true }))
  expect(whole.choices[0]).toMatchObject({
    finish_reason: 'length',
    text: expect.stringMatching(/^\S+( \S+){4}$/),
  })
  expect(chunks.map((chunk) => chunk.choices[0]?.text).join('')).toBe(whole.choices[0]?.text)
})

test('embeddings are unit vectors, equal in both encodings, with their digest', async () => {
  await using session = await open()
  const { twin, client } = session
  const ask = { model: 'squall-embed-1', input: ['wind', 'rain'], dimensions: 8 }
  const viaBase64 = await client.embeddings.create(ask)
  const viaFloat = await client.embeddings.create({ ...ask, encoding_format: 'float' })
  const vectors = viaBase64.data.map((item) => item.embedding)
  expect(vectors).toEqual(viaFloat.data.map((item) => item.embedding))
  expect(vectors[0]).toHaveLength(8)
  expect(vectors[0]).not.toEqual(vectors[1])
  expect(Math.hypot(...(vectors[0] ?? []))).toBeCloseTo(1, 5)
  const bytes = Buffer.from(Float32Array.from(vectors[0] ?? []).buffer)
  const { sha256 } = outputOf('', bytes, '')
  expect(twin.journal.filter((line) => line['sha256'] === sha256)).toHaveLength(2)
})

test('models are listed and shown', async () => {
  await using session = await open()
  const { client } = session
  const listed = await collect(client.models.list())
  expect(listed.map((model) => model.id)).toEqual([
    'squall-chat-1',
    'squall-chat-2',
    'squall-chat-3',
    'squall-embed-1',
    'squall-image-1',
  ])
  expect(await client.models.retrieve('squall-chat-1')).toEqual(listed[0])
})

test('an unknown model is a 404 with a code', async () => {
  await using session = await open()
  const { twin, client } = session
  const asked = client.chat.completions.create({ model: 'nope', messages: question })
  await expect(asked).rejects.toMatchObject({ status: 404, code: 'model_not_found' })
  expect(twin.journal).toEqual([])
})

test.for([
  ['{"model":', 400, null],
  ['{"model":"squall-chat-1"}', 400, 'messages'],
  ['{"model":"squall-chat-1","messages":[]}', 400, 'messages'],
  ['{"model":"squall-chat-1","messages":[{"role":"user","content":"x"}],"n":2}', 400, 'n'],
] as const)('chat refuses %s', async ([body, status, param]) => {
  await using session = await open()
  const { twin } = session
  const response = await post(twin, '/v1/chat/completions', body)
  expect(response.status).toBe(status)
  expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error', param } })
})

test('an unknown path is a 404 envelope', async () => {
  await using session = await open()
  const { twin } = session
  const response = await fetch(`${twin.url}/v1/nope`)
  expect(response.status).toBe(404)
  expect(await response.json()).toMatchObject({ error: { message: 'Invalid URL (GET /v1/nope)' } })
})

test.for([false, true])('a client that hangs up interrupts the job, stream %s', async (stream) => {
  const started = Promise.withResolvers<JournalLine>()
  await using session = await open({
    flags: { 'first-token-ms': '600000' },
    timeScale: 1,
    onJournal: (line) => line.event === 'job-started' && started.resolve(line),
  })
  const { twin, client } = session
  const hangUp = new AbortController()
  const ask = { model: 'squall-chat-1', messages: question, stream }
  const asked = client.chat.completions
    .create(ask, { signal: hangUp.signal })
    .catch((error: unknown) => error)
  const { jobId } = await started.promise
  hangUp.abort()
  expect(await asked).toBeInstanceOf(OpenAI.APIUserAbortError)
  await expect
    .poll(() => twin.journal.at(-1))
    .toMatchObject({ event: 'job-finished', jobId, outcome: 'interrupted' })
})

/** A twin on a free port, with a client. The twin writes nothing, so any folder will do. */
async function open(options: Partial<StartOptions> = {}) {
  const twin = await startTwin({
    ...openAiTwin,
    dataFolder: tmpdir(),
    seed: 7,
    timeScale: 0,
    ...options,
  })
  const client = new OpenAI({ baseURL: `${twin.url}/v1`, apiKey: 'sk-any', maxRetries: 0 })
  return { twin, client, [Symbol.asyncDispose]: () => twin[Symbol.asyncDispose]() }
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = []
  for await (const item of items) collected.push(item)
  return collected
}

function outputOf(jobId: string, bytes: Buffer, mediaType: string) {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { event: 'output', jobId, sha256, bytes: bytes.byteLength, mediaType }
}

function post(twin: StartedTwin, path: string, body: string): Promise<Response> {
  return fetch(twin.url + path, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
}

test('images are PNG files of the asked size whose digests are journalled', async () => {
  await using session = await open()
  const { twin, client } = session
  const ask = { model: 'squall-image-1', prompt: 'a squall line', n: 2, size: '256x256' as const }
  const { data = [] } = await client.images.generate(ask)
  const pictures = data.map((picture) => Buffer.from(picture.b64_json ?? '', 'base64'))
  expect(pictures.map((bytes) => [bytes.readUInt32BE(16), bytes.readUInt32BE(20)])).toEqual([
    [256, 256],
    [256, 256],
  ])
  expect(pictures[0]).not.toEqual(pictures[1])
  const outputs = twin.journal.filter((line) => line.event === 'output')
  expect(outputs).toMatchObject(
    pictures.map((bytes) => outputOf(String(outputs[0]?.['jobId']), bytes, 'image/png')),
  )
  await expect(client.images.generate({ ...ask, size: '17x17' })).rejects.toMatchObject({
    param: 'size',
  })
})
