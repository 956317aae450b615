/** The chat dialect: `chat.completion` and its chunks. */
import { type Chunk, type Dialect, type MockFacts, mockUsage, threes, withoutNulls } from './dialect.ts'
import { requireField, unknownModel } from './proxy-call.ts'

const path = '/chat/completions'

export const chat: Dialect = {
  path,
  provider: 'OpenAIException',
  wording: 'message',
  style: 'mapped',
  hasDelays: true,
  isLate: false,
  asksUsage: true,
  requireInput: (body) => requireField(body, 'messages', path),
  unknownModel: (alias) => unknownModel(alias, path),
  mockWhole: ({ id, created, alias, value, choices, toolCalls, object }) => ({
    id,
    created,
    object: 'chat.completion',
    choices: Array.from({ length: choices }, (_, index) => ({
      finish_reason: 'stop',
      index,
      message: { content: value, role: 'assistant', ...(toolCalls && { tool_calls: toolCalls }) },
    })),
    usage: mockUsage,
    ...object,
    model: alias,
  }),
  mockChunks: (facts) => {
    const pieces = threes(facts.text)
    return [
      ...pieces.map((content, piece) => chunkOf(facts, deltas(facts.choices, content, piece === 0))),
      chunkOf(facts, [{ index: 0, delta: {}, finish_reason: 'stop' }]),
      ...(facts.withUsage
        ? [{ ...chunkOf(facts, [{ index: 0, delta: {} }]), usage: detailed(mockUsage) }]
        : []),
    ]
  },
  relabel: (chunk, alias) => {
    const relabelled = { ...(withoutNulls(chunk) as Chunk), model: alias }
    const isUsage = Array.isArray(chunk['choices']) && chunk['choices'].length === 0
    return isUsage
      ? { ...relabelled, choices: [{ index: 0, delta: {} }], usage: detailed(chunk['usage']) }
      : relabelled
  },
  madeUpEnd: (last) => ({ ...last, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
  headerKind: () => 'full',
  reshape: ({ choices, ...others }, model) => ({
    ...(withoutNulls(others) as Chunk),
    choices: (choices as readonly Chunk[] | undefined)?.map(reshapedChoice),
    model,
  }),
  lateText: ({ name, cause }) => `litellm.${name}: ${name}: OpenAIException - ${cause}`,
}

/** Fields of the upstream's message that LiteLLM does not know move into `provider_specific_fields`. */
function reshapedChoice(choice: Chunk): Chunk {
  const { message, logprobs: _, ...others } = choice
  const { refusal = null, ...known } = (message ?? {}) as Chunk
  return {
    ...others,
    message: { ...(withoutNulls(known) as Chunk), provider_specific_fields: { refusal } },
    provider_specific_fields: {},
  }
}

function detailed(usage: unknown): object {
  return { completion_tokens_details: { reasoning_tokens: 0 }, ...(usage as object) }
}

/** All copies in one chunk. LiteLLM repeats the role of every copy but the first. */
function deltas(choices: number, content: string, isFirst: boolean): readonly Chunk[] {
  return Array.from({ length: choices }, (_, index) => ({
    index,
    delta: { ...((isFirst || index > 0) && { role: 'assistant' }), content },
  }))
}

function chunkOf({ id, created, alias }: MockFacts, choices: readonly Chunk[]): Chunk {
  return { id, object: 'chat.completion.chunk', created, model: alias, choices }
}
