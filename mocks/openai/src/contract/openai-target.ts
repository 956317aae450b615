/**
 * An OpenAI-shaped server under the contract. The key comes from OPENAI_API_KEY and is never shown; the models from
 * `/v1/models`, or from OPENAI_MODEL and OPENAI_EMBEDDING_MODEL where the first in the list is not the right one.
 */
import type { ContractTarget, OpenOptions } from '@squall/twin-kit/conformance/case'
import { check, having, listOf, text } from '@squall/twin-kit/conformance/compare'
import { type EventReader, openEvents, type ServerEvent } from '@squall/twin-kit/conformance/event-reader'
import { type Answer, jsonOf, type Sent, send } from '@squall/twin-kit/conformance/send'

/** What the cases use. */
export type OpenAiTarget = ContractTarget & {
  readonly model: string
  readonly embeddingModel: string
  readonly send: (sent: Sent) => Promise<Answer>
  /** Asks the chat model a short question. */
  readonly chat: (more?: Readonly<Record<string, unknown>>) => Promise<Answer>
  /** The same as a stream. */
  readonly stream: (more?: Readonly<Record<string, unknown>>) => Promise<EventReader>
}

/** Whether a model list comes back, or a refusal in OpenAI's envelope. No key is shown to a stranger. */
export async function recognisesOpenAi(url: string): Promise<boolean> {
  try {
    const body = jsonOf(await send(url, { path: '/v1/models', budgetMs: 5000 }))
    const { object, error } = body as { object?: unknown; error?: { message?: unknown; type?: unknown } }
    // Many say `error.message`, the control port of a twin too; with a type it is OpenAI's.
    return object === 'list' || (typeof error?.message === 'string' && error.type !== undefined)
  } catch {
    return false
  }
}

/** Reads the models. */
export async function openOpenAi(url: string, { mayHarm, restart }: OpenOptions): Promise<OpenAiTarget> {
  const withKey = (sent: Sent): Sent => ({ ...sent, headers: { ...keyHeader(), ...sent.headers } })
  const answer = await send(url, withKey({ path: '/v1/models' }))
  const body = jsonOf(answer)
  const listed = having({ object: 'list', data: listOf(having({ id: text })) })
  check('GET /v1/models', { status: answer.status, body }, { status: 200, body: listed })
  const ids = (body as { data: { id: string }[] }).data.map(({ id }) => id)
  const isEmbedding = (id: string): boolean => /embed/i.test(id)
  const model = process.env['OPENAI_MODEL'] ?? ids.find((id) => !isEmbedding(id))
  const embeddingModel = process.env['OPENAI_EMBEDDING_MODEL'] ?? ids.find(isEmbedding)
  const reasons: Readonly<Record<string, string | undefined>> = {
    model: model === undefined ? 'the server lists no model for chat' : undefined,
    'embedding-model': embeddingModel === undefined ? 'the server lists no embedding model' : undefined,
    // Our own twin, which can be restarted, draws its words from the question.
    repeatable: restart === undefined ? 'the server may answer the same question in other words' : undefined,
    harm: mayHarm ? undefined : 'it would spend tokens of a server that others pay for',
  }
  const question = (more: Readonly<Record<string, unknown>> = {}): Sent => {
    const messages = [{ role: 'user', content: 'Name three winds.' }]
    const json = { model, messages, max_tokens: 5, ...more }
    return withKey({ method: 'POST', path: '/v1/chat/completions', json, budgetMs: 60_000 })
  }
  return {
    url,
    model: model ?? '',
    embeddingModel: embeddingModel ?? '',
    lacks: (need) => reasons[need],
    send: (sent) => send(url, withKey(sent)),
    chat: (more) => send(url, question(more)),
    stream: (more) => openEvents(url, question({ ...more, stream: true })),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

function keyHeader(): Record<string, string> {
  const key = process.env['OPENAI_API_KEY']
  return key === undefined || key === '' ? {} : { authorization: `Bearer ${key}` }
}

/** The chunk in an event. */
export function chunkOf({ data }: ServerEvent): Readonly<Record<string, unknown>> {
  return JSON.parse(data) as Readonly<Record<string, unknown>>
}
