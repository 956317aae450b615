/** The upstream's part of `--check`. There is no WebSocket: a streamed answer that is held open stands for it. */
import { check, having, listOf, text } from '@squall/twin-kit/conformance/compare'
import { openEvents, readUntil } from '@squall/twin-kit/conformance/event-reader'
import { jsonOf, type Sent, send } from '@squall/twin-kit/conformance/send'
import { type SelfCheck, withFlags } from '@squall/twin-kit/self-check'

function chat(fields: Readonly<Record<string, unknown>>): Sent {
  const messages = [{ role: 'user', content: 'What is a squall?' }]
  return {
    method: 'POST',
    path: '/v1/chat/completions',
    json: { model: 'squall-chat-1', messages, ...fields },
  }
}

/** The twin's part of the eight steps. */
export const selfCheck: SelfCheck = {
  link: 'chat stream',
  // Ten tokens a second for a minute: long enough to be open when the twin stops.
  prepare: withFlags('--first-token-ms', '0', '--token-ms', '100', '--tokens', '600'),
  http: async (url) => {
    const models = jsonOf(await send(url, { path: '/v1/models' }))
    check('GET /v1/models', models, having({ object: 'list', data: listOf(having({ id: text })) }))
    return 'GET /v1/models lists models'
  },
  connect: async (url) => {
    const reader = await openEvents(url, chat({ stream: true }))
    check(
      'stream',
      { status: reader.status, type: reader.contentType.split(';')[0] },
      { status: 200, type: 'text/event-stream' },
    )
    const first = Promise.withResolvers<string>()
    const ended = (async () => {
      for (;;) {
        const event = await reader.next(60_000)
        if (typeof event === 'string') return event
        first.resolve(event.data)
      }
    })()
    return {
      statusMessage: async () => {
        const chunk = JSON.parse(await first.promise) as { choices?: unknown }
        check('first chunk', chunk, having({ object: 'chat.completion.chunk' }))
        check('its choice', chunk.choices, listOf(having({ delta: having({ role: 'assistant' }) })))
        return finishedStream(url)
      },
      ended,
      [Symbol.dispose]: () => reader[Symbol.dispose](),
    }
  },
  leave: async (url) => {
    const answer = async (at: string): Promise<unknown> => {
      const body = jsonOf(await send(at, chat({ max_tokens: 3 }))) as {
        choices?: [{ message?: { content?: unknown } }]
      }
      return body.choices?.[0].message?.content
    }
    const before = await answer(url)
    check('answer', before, text)
    return async (after) => {
      check('answer after the restart', await answer(after), before)
      return 'there is no state to lose; the same question has the same answer'
    }
  },
}

/** A short answer must come to its proper end. */
async function finishedStream(url: string): Promise<string> {
  using reader = await openEvents(url, chat({ stream: true, max_tokens: 2 }))
  const chunks = await readUntil(reader, ({ data }) => data === '[DONE]')
  check('end', await reader.next(), 'closed')
  return `the role first; a short answer ends with [DONE] after ${chunks.length - 1} chunks`
}
