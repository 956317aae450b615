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
import { oldRefusal, unknownModelText } from './proxy-call.ts'

const path = '/completions'
const usageUnknown = { completion_tokens: 0, prompt_tokens: 0, total_tokens: 0 }
const noDetails = { completion_tokens_details: null, prompt_tokens_details: null }

export const completions: Dialect = {
  path,
  provider: 'OpenAIException',
  wording: 'error-code',
  isBrief: true,
  style: 'bare',
  hasDelays: false,
  isLate: true,
  asksUsage: false,
  requireInput: (body) => {
    // A Python KeyError that nobody catches.
    if (body['prompt'] === undefined) throw oldRefusal(500, "'prompt'")
  },
  unknownModel: (alias) => oldRefusal(400, `400: {'error': '${unknownModelText(alias, path)}'}`),
  mockWhole: ({ id, created, alias, value, choices, object }) => ({
    id: object?.['id'] ?? id,
    object: 'text_completion',
    created,
    model: alias,
    choices: Array.from({ length: choices }, (_, index) => ({
      finish_reason: 'stop',
      index,
      text: object === undefined ? value : textOf(object),
      logprobs: null,
    })),
    usage: { ...((object?.['usage']) ?? mockUsage), ...noDetails },
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
  headerKind: (stream) => (stream ? 'completion-stream' : 'completion'),
  reshape: ({ usage, ...body }, model) => ({
    system_fingerprint: null,
    ...body,
    model,
    usage: { ...(usage as object | undefined), ...noDetails },
  }),
  lateText: ({ name, cause }) => {
    const inner = `litellm.${name}: ${name}: Text-completion-openaiException - ${cause}`
    const outerName = name === 'RateLimitError' ? name : 'InternalServerError'
    const outer = `litellm.${outerName}: ${outerName}: OpenAIException - litellm.MidStreamFallbackError:`
    return `${outer} ${inner} Original exception: ${name}: ${inner}`
  },
}

/** The text of a whole response object, which the configuration gives in the form of chat. */
function textOf(object: Chunk): unknown {
  return (choiceOf(object)?.['message'] as Chunk | undefined)?.['content']
}

function chunkOf({ id, created, alias }: MockFacts, choice: Chunk): Chunk {
  return { id, object: 'text_completion', created, model: alias, choices: [choice], usage: usageUnknown }
}
