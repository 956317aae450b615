/** The chat dialect: `chat.completion` and its chunks. */
import { type Chunk, type Dialect, type MockFacts, mockUsage, threes, withoutNulls } from './dialect.ts'
import { requireField, unknownModel } from './proxy-call.ts'

const path = '/chat/completions'

export const chat: Dialect = {
  path,
  requireInput: (body) => requireField(body, 'messages', path),
  unknownModel: (alias) => unknownModel(alias, path),
  mockWhole: ({ id, created, alias, text, choices }) => ({
    id,
    created,
    model: alias,
    object: 'chat.completion',
    choices: Array.from({ length: choices }, (_, index) => ({
      finish_reason: 'stop',
      index,
      message: { content: text, role: 'assistant' },
    })),
    usage: mockUsage,
  }),
  mockChunks: (facts) => {
    const [first = '', ...others] = threes(facts.text)
    return [
      chunkOf(facts, { role: 'assistant', content: first }),
      ...others.map((content) => chunkOf(facts, { content })),
      chunkOf(facts, {}, 'stop'),
      ...(facts.withUsage ? [{ ...chunkOf(facts, {}), usage: mockUsage }] : []),
    ]
  },
  relabel: (chunk, alias) => {
    const relabelled = { ...(withoutNulls(chunk) as Chunk), model: alias }
    const empty = Array.isArray(chunk['choices']) && chunk['choices'].length === 0
    return empty ? { ...relabelled, choices: [{ index: 0, delta: {} }] } : relabelled
  },
  madeUpEnd: (last) => ({ ...last, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
}

function chunkOf({ id, created, alias }: MockFacts, delta: object, finishReason?: string): Chunk {
  const choice = { index: 0, delta, ...(finishReason === undefined ? {} : { finish_reason: finishReason }) }
  return { id, object: 'chat.completion.chunk', created, model: alias, choices: [choice] }
}
