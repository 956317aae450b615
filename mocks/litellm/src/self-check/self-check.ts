/** The gateway's part of `--check`. There is no WebSocket: a streamed answer that is held open stands for it. */
import { randomBytes } from 'node:crypto'
import { check, having, listOf, number, present } from '@squall/twin-kit/conformance/compare'
import { openEvents, readUntil } from '@squall/twin-kit/conformance/event-reader'
import { type Answer, jsonOf, type Sent, send } from '@squall/twin-kit/conformance/send'
import type { SelfCheck } from '@squall/twin-kit/self-check'
import { startHeldUpstream } from './held-upstream.ts'

/** Of this check alone; the caller's key is left out of it. */
const key = `sk-${randomBytes(12).toString('hex')}`
const headers = { authorization: `Bearer ${key}` }

function chat(fields: Readonly<Record<string, unknown>>): Sent {
  const messages = [{ role: 'user', content: 'What is a squall?' }]
  return {
    method: 'POST',
    path: '/v1/chat/completions',
    headers,
    json: { model: 'squall-text', messages, ...fields },
  }
}

/** The twin's part of the eight steps. */
export const selfCheck: SelfCheck = {
  link: 'chat stream',
  prepare: async () => {
    const upstream = await startHeldUpstream()
    return {
      flags: ['--upstream', upstream.url],
      env: { LITELLM_MASTER_KEY: key },
      [Symbol.asyncDispose]: () => upstream[Symbol.asyncDispose](),
    }
  },
  http: async (url) => {
    const alive = await send(url, { path: '/health/liveliness' })
    check(
      'GET /health/liveliness',
      { status: alive.status, text: alive.text },
      { status: 200, text: '"I\'m alive!"' },
    )
    check('GET /v1/models without a key', (await send(url, { path: '/v1/models' })).status, 401)
    check('GET /v1/models', (await models(url)).status, 200)
    return "I'm alive, and the key is asked for"
  },
  connect: async (url) => {
    const reader = await openEvents(url, chat({ stream: true }))
    const got = { status: reader.status, type: reader.contentType.split(';')[0] }
    check('stream', got, { status: 200, type: 'text/event-stream' })
    const first = await reader.next()
    return {
      statusMessage: async () => {
        const chunk = typeof first === 'string' ? first : (JSON.parse(first.data) as { choices?: unknown })
        check('first chunk', chunk, having({ object: 'chat.completion.chunk', model: 'squall-text' }))
        return finishedStream(url)
      },
      ended: (async () => {
        for (;;) {
          const event = await reader.next(60_000)
          if (typeof event === 'string') return event
        }
      })(),
      [Symbol.dispose]: () => reader[Symbol.dispose](),
    }
  },
  leave: async (url) => {
    const before = jsonOf(await models(url))
    check('models', before, having({ data: listOf(having({ id: present, created: number })) }))
    return async (after) => {
      check('models after the restart', jsonOf(await models(after)), before)
      return 'there is no state to lose; models and their ids are the same'
    }
  },
}

function models(url: string): Promise<Answer> {
  return send(url, { path: '/v1/models', headers })
}

/** A limited answer must come to its proper end. */
async function finishedStream(url: string): Promise<string> {
  using reader = await openEvents(url, chat({ stream: true, max_tokens: 2 }))
  const chunks = await readUntil(reader, ({ data }) => data === '[DONE]')
  check('end', await reader.next(), 'closed')
  return `first chunk under the alias; a limited answer ends with [DONE] after ${chunks.length - 1} chunks`
}
