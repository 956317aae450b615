/**
 * Every edge of the upstream where it can be broken on purpose. The table for people is made from it
 * (`docs/fault-points.md`); each point has its test in `points.test.ts`.
 */
import { type HttpPoint, httpPoints, type PointCatalog } from '@squall/twin-kit'

const edges = {
  chat: '`POST /v1/chat/completions`',
  completions: '`POST /v1/completions`',
  embeddings: '`POST /v1/embeddings`',
  images: '`POST /v1/images/generations`',
  models: '`GET /v1/models`',
} as const

/** The HTTP edges: which routes share a pair of points. */
export type Edge = keyof typeof edges

/** What a passage is about. */
const jobFacts = ['jobId', 'clientId', 'model', 'stream']

/** Refusals of the real API, by name: what status and code each answers with stands in `refusals.ts`. */
const fails = {
  'rate-limit': '429 `rate_limit_exceeded`',
  'rate-limit-wait': 'the same with `retry-after: 1`',
  'server-error': '500 `server_error`',
  unavailable: '503, overloaded',
  unauthorized: '401 `invalid_api_key`',
  'not-found': '404 `model_not_found`',
  'bad-request': '400 `invalid_value`',
  'context-window': '400 `context_length_exceeded`',
  'content-policy': '400 `content_policy_violation`',
} as const

/** Names of the failures that a generation can end with. */
export type FailName = keyof typeof fails

const message = (summary: string) => ({ shape: 'message', summary, match: [...jobFacts, 'index'] }) as const

export const openAiPoints = {
  ...httpPoints('openai', edges, {
    chat: jobFacts,
    completions: jobFacts,
    embeddings: jobFacts,
    images: jobFacts,
  }),
  'openai.stream.opening': message('The first chunk of a chat stream, with the role'),
  'openai.stream.token': message('A chunk with a token; `index` counts from 0'),
  'openai.stream.finish': message(
    'The chunk with the finish reason; a `close` here is a clean end too early',
  ),
  'openai.stream.usage': message('The chunk with the usage, if it was asked for'),
  'openai.stream.done': message('`[DONE]`'),
  'openai.generation.start': {
    shape: 'step',
    summary: 'A job was accepted and is about to begin; a failure is a refusal with its status',
    match: jobFacts,
    actions: ['delay', 'stall', 'fail', 'crash'],
    fails,
  },
  'openai.generation.token': {
    shape: 'step',
    summary: 'A token is about to be made; once a stream has begun, a failure is an error line inside it',
    match: [...jobFacts, 'index'],
    actions: ['delay', 'stall', 'fail', 'crash'],
    fails,
  },
  'openai.job.hang-up': {
    shape: 'step',
    summary: 'The client of a job has gone; without it, the job runs to its end for nobody',
    match: jobFacts,
    actions: ['drop'],
  },
} as const satisfies PointCatalog

/** Names of all points. */
export type OpenAiPoint = keyof typeof openAiPoints | HttpPoint<'openai', Edge>
