/**
 * The image of the real LiteLLM does what the proxy is for: it answers chats from its configuration and from an
 * OpenAI-shaped upstream, whole and as a stream. The upstream here is four lines; the twin has its own tests.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import Docker from 'dockerode'
import { pack } from 'tar-stream'
import { request } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pollUntil } from '../../support/poll.ts'
import { litellmImage } from './litellm-image.ts'
import { projectFolder } from './project-folder.ts'

const docker = new Docker()
const stack = new AsyncDisposableStack()
const key = 'sk-test-of-the-image'
let proxy = ''

beforeAll(async () => {
  const options = { env: process.env, cacheFolder: `${projectFolder}.cache`, onProgress: () => undefined }
  const image = await litellmImage(docker, options)
  proxy = await startProxy(image.reference, await startUpstream())
  await pollUntil({
    what: 'LiteLLM is ready',
    everyMs: 100,
    budgetMs: 60_000,
    probe: async () => {
      const { statusCode } = await request(`${proxy}/health/readiness`)
      return statusCode === 200 ? { done: true, value: true } : { done: false, saw: `HTTP ${statusCode}` }
    },
  })
}, 900_000)

afterAll(() => stack.disposeAsync())

test.each([
  ['its configuration', 'from-config', 'hello from the configuration'],
  ['its upstream', 'from-upstream', 'hello from upstream'],
])('answers a chat from %s', async (_, model, expected) => {
  const { statusCode, body } = await chat(model, false)
  expect(statusCode).toBe(200)
  const answer = (await body.json()) as { choices: { message: { content: string } }[] }
  expect(answer.choices[0]?.message.content).toBe(expected)
})

test.each([
  ['its configuration', 'from-config', 'hello from the configuration'],
  ['its upstream', 'from-upstream', 'hello from upstream'],
])('streams a chat from %s', async (_, model, expected) => {
  const { headers, body } = await chat(model, true)
  const events = (await body.text()).split('\n\n').filter((event) => event.startsWith('data: '))
  expect(headers['content-type']).toContain('text/event-stream')
  expect(events.at(-1)).toBe('data: [DONE]')
  const chunks = events.slice(0, -1).map((event) => JSON.parse(event.slice(6)) as Chunk)
  expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(expected)
})

test('a wrong key is refused', async () => {
  const { statusCode, body } = await chat('from-config', false, 'sk-wrong')
  await body.dump()
  expect([400, 401]).toContain(statusCode)
})

type Chunk = { readonly choices: readonly { readonly delta: { readonly content?: string } }[] }

async function chat(model: string, stream: boolean, bearer = key) {
  return await request(`${proxy}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'hi' }] }),
  })
}

/** An OpenAI-shaped server that says one thing; its port. */
async function startUpstream(): Promise<number> {
  const server = createServer((incoming, response) => void answer(incoming, response))
  // Reached from a container, so not on loopback only.
  await new Promise<void>((resolve) => server.listen(0, resolve))
  stack.defer(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const content = 'hello from upstream'
  const asked = (await json(incoming)) as { stream?: boolean }
  const common = { id: 'chatcmpl-1', created: 1, model: 'm' }
  const choice = { index: 0, finish_reason: 'stop' }
  response.setHeader('content-type', asked.stream ? 'text/event-stream' : 'application/json')
  const chunk = { ...common, object: 'chat.completion.chunk', choices: [{ ...choice, delta: { content } }] }
  const message = { role: 'assistant', content }
  const whole = { ...common, object: 'chat.completion', choices: [{ ...choice, message }] }
  response.end(asked.stream ? `data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n` : JSON.stringify(whole))
}

/** Base address of the proxy. */
async function startProxy(image: string, upstreamPort: number): Promise<string> {
  const container = await docker.createContainer({
    Image: image,
    Cmd: ['--config', '/tmp/config.yaml', '--port', '4000'],
    HostConfig: { ExtraHosts: ['host.docker.internal:host-gateway'] },
  })
  stack.defer(() => container.remove({ force: true }))
  const archive = pack()
  archive.entry({ name: 'config.yaml' }, configuration(`http://host.docker.internal:${upstreamPort}/v1`))
  archive.finalize()
  await container.putArchive(archive as unknown as NodeJS.ReadableStream, { path: '/tmp' })
  await container.start()
  const { NetworkSettings } = await container.inspect()
  const [network] = Object.values(NetworkSettings.Networks)
  return `http://${network?.IPAddress}:4000`
}

function configuration(upstream: string): string {
  const shared = { model: 'openai/m', api_key: 'sk-upstream' }
  return JSON.stringify({
    model_list: [
      {
        model_name: 'from-config',
        litellm_params: { ...shared, mock_response: 'hello from the configuration' },
      },
      { model_name: 'from-upstream', litellm_params: { ...shared, api_base: upstream } },
    ],
    litellm_settings: { num_retries: 0, disable_hf_tokenizer_download: true },
    general_settings: { master_key: key },
  })
}
