/** The dialect of plain completions. Its own failures are LiteLLM's oldest: Python texts and "None". */
import {
  type Chunk,
  choiceOf,
  type Dialect,
  type MockFacts,
  mockUsage,
  threes,
  withoutNulls,
} from './dialect.ts'
import { ProxyFailure } from './failure.ts'
import { unknownModelText } from './proxy-call.ts'

const path = '/completions'
const usageUnknown = { completion_tokens: 0, prompt_tokens: 0, total_tokens: 0 }

export const completions: Dialect = {
  path,
  requireInput: (body) => {
    // A Python KeyError that nobody catches.
    if (body['prompt'] === undefined) throw oldFailure(500, "'prompt'")
  },
  unknownModel: (alias) => oldFailure(400, `400: {'error': '${unknownModelText(alias, path)}'}`),
  mockWhole: ({ id, created, alias, text }) => ({
    id,
    object: 'text_completion',
    created,
    model: alias,
    choices: [{ finish_reason: 'stop', index: 0, text, logprobs: null }],
    usage: { ...mockUsage, completion_tokens_details: null, prompt_tokens_details: null },
  }),
  mockChunks: (facts) => [
    ...threes(facts.text).map((text) => chunkOf(facts, { index: 0, text })),
    chunkOf(facts, { finish_reason: 'stop', index: 0 }),
  ],
  relabel: (chunk, alias) => {
    const choice = withoutNulls(choiceOf(chunk) ?? { index: 0 }) as Chunk
    const { text, ...others } = choice
    const kept = text === '' ? others : choice
    return { ...chunk, model: alias, choices: [kept], usage: usageUnknown }
  },
  madeUpEnd: (last) => ({ ...last, choices: [{ finish_reason: 'stop', index: 0 }] }),
}

function chunkOf({ id, created, alias }: MockFacts, choice: Chunk): Chunk {
  return { id, object: 'text_completion', created, model: alias, choices: [choice], usage: usageUnknown }
}

function oldFailure(status: number, message: string): ProxyFailure {
  return new ProxyFailure({ status, message, type: 'None', param: 'None' })
}
