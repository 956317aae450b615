/**
 * Every edge of the gateway where it can be broken on purpose. The table for people is made from it
 * (`docs/fault-points.md`); each point has its test in `points.test.ts`, public failures theirs in
 * `incidents.test.ts`.
 */
import { type HttpPoint, httpPoints, type PointCatalog } from '@squall/twin-kit'

const edges = {
  liveliness: '`GET /health/liveliness`, `/health/liveness`',
  readiness: '`GET /health/readiness`',
  health: '`GET /health`',
  models: '`GET /models`, `/models/:id`',
  'model-info': '`GET /model/info`',
  chat: '`POST /chat/completions`',
  completions: '`POST /completions`',
  embeddings: '`POST /embeddings`',
  images: '`POST /images/generations`',
  keys: '`POST /key/generate`',
} as const

/** The HTTP edges: which routes share a pair of points. */
export type Edge = keyof typeof edges

const modelFacts = ['callId', 'model']
const message = (summary: string) => ({ shape: 'message', summary, match: [...modelFacts, 'index'] }) as const

export const liteLlmPoints = {
  ...httpPoints('litellm', edges, {
    chat: modelFacts,
    completions: modelFacts,
    embeddings: modelFacts,
    images: modelFacts,
  }),
  'litellm.stream.first': message('The first chunk of a stream; headers leave with it'),
  'litellm.stream.chunk': message('A later chunk; `index` counts from 1'),
  'litellm.stream.finish': message("The chunk with the finish reason, made up or the upstream's"),
  'litellm.stream.usage': message('The chunk with the usage, if it was asked for'),
  'litellm.stream.done': message('`[DONE]`'),
  'litellm.stream.error': message('The line that tells of a failure inside a stream'),
  'litellm.auth.check': {
    shape: 'step',
    summary: 'A key is looked at; without it, every key is good',
    match: ['path'],
    actions: ['drop', 'delay', 'stall', 'fail', 'crash'],
    fails: {
      unauthorized: '401 for a good key, as when the database has no connection left',
      'no-database': '400 `no_db_connection`',
      'server-error': '500',
    },
  },
  'litellm.router.choose': {
    shape: 'step',
    summary: 'The router is about to choose a deployment',
    match: ['model'],
    actions: ['delay', 'stall', 'fail', 'crash'],
    fails: { 'none-left': '429 "No deployments available", whatever their state' },
  },
  'litellm.router.cooldown': {
    shape: 'step',
    summary: 'A failure is about to count against its deployment; without it, nothing ever cools down',
    match: ['model', 'deployment'],
    actions: ['drop'],
  },
  'litellm.router.attempted': {
    shape: 'step',
    summary: 'A fallback was tried before and is about to be left out; without it, a cycle is walked again',
    match: ['model'],
    actions: ['drop'],
  },
  'litellm.slot.release': {
    shape: 'step',
    summary: 'A call is over and gives its place back; without it, the place is lost and 429 follows',
    match: ['model', 'aborted'],
    actions: ['drop'],
  },
  'litellm.mock.delay': {
    shape: 'step',
    summary: 'A model that is answered inside the gateway is about to answer',
    match: ['model'],
    actions: ['delay', 'stall', 'crash'],
  },
  'litellm.upstream.connect': {
    shape: 'step',
    summary: 'The gateway is about to call the upstream',
    match: ['model', 'stream'],
    actions: ['delay', 'stall', 'fail', 'crash'],
    fails: { connection: 'as if the connection were refused' },
  },
  'litellm.upstream.answer': {
    shape: 'step',
    summary: 'The headers of the upstream are here',
    match: ['model', 'stream'],
    actions: ['delay', 'stall', 'fail', 'crash'],
    fails: {
      connection: 'as if the connection broke',
      'rate-limit': 'as if it were 429',
      'server-error': 'as if it were 500',
      unauthorized: 'as if it were 401',
    },
  },
  'litellm.upstream.chunk': {
    shape: 'step',
    summary: 'A chunk of the upstream has arrived',
    match: ['model', 'index'],
    actions: ['drop', 'delay', 'stall', 'fail', 'crash'],
    fails: { connection: 'as if the connection broke', 'rate-limit': 'as if it were an error line with 429' },
  },
  'litellm.hang-up.pass': {
    shape: 'step',
    summary:
      "The client of a stream has gone and the upstream's job is about to be ended; without it, it runs on",
    match: ['model'],
    actions: ['drop'],
  },
  'litellm.health.check': {
    shape: 'step',
    summary: '`/health` is about to call a model; without it, the model is reported healthy unseen',
    match: ['model'],
    actions: ['drop', 'delay', 'stall', 'fail', 'crash'],
    fails: { unhealthy: 'the call counts as failed' },
  },
  'litellm.readiness.check': {
    shape: 'step',
    summary: 'Readiness is about to be told',
    actions: ['delay', 'stall', 'fail', 'crash'],
    fails: { 'database-down': '503 with a `detail`, as LiteLLM with a database says it' },
  },
} as const satisfies PointCatalog

/** Names of all points. */
export type LiteLlmPoint = keyof typeof liteLlmPoints | HttpPoint<'litellm', Edge>
