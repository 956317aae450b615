/**
 * Upstreams that misbehave in ways the upstream twin does not yet. What they lead to was first seen on the
 * real LiteLLM 1.101.6 with the same script; the shared contract takes them over once the twin has fault points.
 */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { type FlagValues, startTwin } from '@squall/twin-kit'
import { expect, test } from 'vitest'
import { liteLlmTwin } from './twin.ts'

const connectionError = 'litellm.APIConnectionError: APIConnectionError: OpenAIException - '

test('a stream that ends without a finish reason is given one, and [DONE]: the cut is hidden', async () => {
  await using gateway = await gatewayBefore((response) => {
    sendChunk(response, { content: 'abc' })
    response.end()
  })
  const { events } = await gateway.askStream()
  expect(events.at(-1)).toBe('[DONE]')
  expect(JSON.parse(events.at(-2) ?? '').choices).toEqual([{ index: 0, delta: {}, finish_reason: 'stop' }])
})

test('an error chunk of the upstream becomes an error line, in Python spelling, without [DONE]', async () => {
  await using gateway = await gatewayBefore((response) => {
    sendChunk(response, { content: 'abc' })
    response.end('data: {"error":{"message":"late no","code":"429"}}\n\n')
  })
  const { events } = await gateway.askStream()
  expect(events.at(-1)).toBe(
    '{"error": {"message": "litellm.APIConnectionError: APIConnectionError: OpenAIException - late no", ' +
      '"type": null, "param": null, "code": "500"}}',
  )
})

test('a stream that goes silent is cut after the timeout', async () => {
  await using gateway = await gatewayBefore((response) => sendChunk(response, { content: 'abc' }), {
    'request-timeout-ms': '100',
  })
  const { events } = await gateway.askStream()
  const { error } = JSON.parse(events.at(-1) ?? '')
  expect(error.message).toBe(`${connectionError}Timeout on reading data from socket`)
})

test.for([
  [401, 'litellm.AuthenticationError: AuthenticationError: ', 'authentication_error'],
  [403, 'litellm.APIError: APIError: ', 'permission_error'],
  [404, 'litellm.NotFoundError: NotFoundError: ', 'invalid_request_error'],
  [408, 'litellm.Timeout: Timeout Error: ', 'invalid_request_error'],
  [429, 'litellm.RateLimitError: RateLimitError: ', 'throttling_error'],
  [500, 'litellm.InternalServerError: InternalServerError: ', 'internal_server_error'],
  [503, 'litellm.ServiceUnavailableError: ServiceUnavailableError: ', 'internal_server_error'],
  [504, 'litellm.Timeout: Timeout Error: ', 'internal_server_error'],
] as const)('an upstream %d keeps its status and gets its name', async ([status, prefix, type]) => {
  await using gateway = await gatewayBefore((response) => {
    response.writeHead(status).end('{"error":{"message":"upstream says no"}}')
  })
  for (const stream of [false, true]) {
    const answer = await gateway.ask(stream)
    const { error } = (await answer.json()) as { error: { message: string } }
    expect({ status: answer.status, ...error }).toMatchObject({
      status,
      type,
      param: null,
      code: `${status}`,
    })
    expect(error.message.startsWith(`${prefix}OpenAIException - upstream says no`)).toBe(true)
  }
})

test('an upstream error page that is no JSON is quoted', async () => {
  await using gateway = await gatewayBefore((response) => response.writeHead(502).end('<h1>bad gateway</h1>'))
  const answer = await gateway.ask(false)
  const { error } = (await answer.json()) as { error: { message: string } }
  expect(answer.status).toBe(502)
  expect(error.message).toContain('BadGatewayError: OpenAIException - <h1>bad gateway</h1>. Received')
})

test('without a master key nobody needs one; without an upstream only mock models answer', async () => {
  await using twin = await startTwin({ ...liteLlmTwin, dataFolder: tmpdir() })
  expect((await fetch(`${twin.url}/v1/models`)).status).toBe(200)
  expect((await askModel(twin.url, 'squall-text', false)).status).toBe(500)
  expect(await (await askModel(twin.url, 'squall-mock', false)).json()).toMatchObject({
    model: 'squall-mock',
  })
  expect(twin.journal.map((line) => line.event)).toEqual([
    'job-accepted',
    'job-started',
    'output',
    'job-finished',
  ])
})

/** A gateway whose upstream answers every request with this script. */
async function gatewayBefore(script: (response: ServerResponse) => void, flags: FlagValues = {}) {
  await using stack = new AsyncDisposableStack()
  const server = createServer((_request, response) => script(response)).listen(0, '127.0.0.1')
  stack.defer(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  await once(server, 'listening')
  const upstream = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  const options = { ...liteLlmTwin, dataFolder: tmpdir() }
  const twin = stack.use(await startTwin({ ...options, flags: { upstream, ...flags } }))
  const owned = stack.move()
  return {
    ask: (stream: boolean) => askModel(twin.url, 'squall-text', stream),
    askStream: async () => {
      const response = await askModel(twin.url, 'squall-text', true)
      const text = await response.text()
      return { events: text.split('\n\n').flatMap((event) => (event === '' ? [] : [event.slice(6)])) }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

function askModel(url: string, model: string, stream: boolean): Promise<Response> {
  const body = JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'hi' }] })
  return fetch(`${url}/v1/chat/completions`, { method: 'POST', body })
}

function sendChunk(response: ServerResponse, delta: object): void {
  const choices = [{ index: 0, delta, finish_reason: null }]
  const chunk = { id: 'chatcmpl-x', object: 'chat.completion.chunk', created: 1, model: 'm', choices }
  response.write(`data: ${JSON.stringify(chunk)}\n\n`)
}
