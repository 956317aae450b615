/**
 * Where the twin can be broken on purpose: every HTTP edge, every message of its streams, and the steps inside that
 * real servers have been seen to fail at. One name per edge; what each takes is in `docs/fault-points.md`.
 */
import { httpPoints, type PointCatalog } from '@squall/twin-kit'

const events = ['sessionHash', 'eventId', 'fn'] as const
const jobs = ['jobId', 'sessionHash', 'prompt'] as const

/** Failures of a GPU step, each ending in the toast a real user has seen (protocol notes 4.6). */
const gpuFails = {
  'out-of-memory': 'torch.cuda.OutOfMemoryError: the whole queue of the session is lost',
  'no-ram': 'not enough reserved RAM: the same, with the other advice',
  error: 'any other exception: the text of it in the toast',
} as const

/** HTTP edges, and the routes each stands for. */
export const edgeRoutes = {
  page: '`GET /` or what else a browser loads',
  config: '`GET /config`',
  info: '`GET /gradio_api/info`',
  openapi: '`GET /gradio_api/openapi.json`',
  'app-id': '`GET /gradio_api/app_id`',
  'startup-events': '`GET /gradio_api/startup-events`',
  join: '`POST /gradio_api/queue/join`',
  data: '`GET /gradio_api/queue/data` (the message stream of a session)',
  status: '`GET /gradio_api/queue/status`',
  cancel: '`POST /gradio_api/cancel`',
  reset: '`POST /gradio_api/reset`',
  heartbeat: '`GET /gradio_api/heartbeat/:session`',
  run: '`POST /gradio_api/run/:name` or `/gradio_api/api/:name`',
  call: '`POST /gradio_api/call/:name`',
  follow: '`GET /gradio_api/call/:name/:event`',
  upload: '`POST /gradio_api/upload`',
  'upload-progress': '`GET /gradio_api/upload_progress`',
  file: '`GET` or `HEAD /gradio_api/file=…`',
  'component-server': '`POST /gradio_api/component_server`',
  'live-input': '`POST /gradio_api/stream/:event`',
  auth: '`/login`, `/logout` or a user route',
  mcp: '`/mcp` (with `--mcp`)',
  'gallery-upload': '`PUT /wangp_api/gallery/upload/:token` (with `--mcp`)',
  'gallery-download': '`GET /wangp_api/gallery/download/:token` (with `--mcp`)',
} as const

/** Name of an HTTP edge. */
export type Edge = keyof typeof edgeRoutes

const http = httpPoints('wan2gp', edgeRoutes, { join: events })

const messages = {
  'wan2gp.sse.estimation': {
    shape: 'message',
    summary: '`estimation`: place in the queue',
    match: events,
  },
  'wan2gp.sse.process-starts': {
    shape: 'message',
    summary: '`process_starts`: a slot was taken',
    match: events,
  },
  'wan2gp.sse.progress': {
    shape: 'message',
    summary: '`progress` of `refresh_status_async`',
    match: [...events, 'step'],
  },
  'wan2gp.sse.log': { shape: 'message', summary: '`log`: a toast', match: [...events, 'level'] },
  'wan2gp.sse.process-generating': {
    shape: 'message',
    summary: '`process_generating`: one yield of a generator',
    match: events,
  },
  'wan2gp.sse.process-completed': {
    shape: 'message',
    summary: '`process_completed`: the end of a call, good or bad',
    match: [...events, 'success'],
  },
  'wan2gp.sse.heartbeat': {
    shape: 'message',
    summary: '`heartbeat`, every 15 s on an open stream',
    match: ['sessionHash'],
  },
  'wan2gp.sse.unexpected-error': {
    shape: 'message',
    summary: '`unexpected_error`: unknown session, or a server that stops',
    match: ['sessionHash'],
  },
  'wan2gp.sse.close-stream': {
    shape: 'message',
    summary: '`close_stream`, after the last call of the session',
    match: ['sessionHash'],
  },
  'wan2gp.sse.call': {
    shape: 'message',
    summary: 'one event of the simple protocol `/call`',
    match: [...events, 'event'],
  },
  'wan2gp.sse.alive': {
    shape: 'message',
    summary: '`ALIVE` on the heartbeat connection, at once and every 15 s',
    match: ['sessionHash'],
  },
  'wan2gp.sse.upload': {
    shape: 'message',
    summary: '`update` or `done` of an upload',
    match: ['uploadId', 'msg'],
  },
} as const satisfies PointCatalog

const steps = {
  'wan2gp.sse.dialect': {
    shape: 'step',
    summary: 'a message is written out; `fail` makes the server speak another dialect',
    match: [...events, 'msg'],
    actions: ['fail'],
    fails: {
      'unknown-message': 'a message of an unknown type comes first',
      'server-stopped': '`server_stopped` comes first, which no server sends since Gradio 4',
      'queue-full': '`queue_full` instead, which no server sends since Gradio 4',
      'unexpected-error': '`unexpected_error` instead, and the stream breaks',
      'early-close-stream': '`close_stream` instead, while the call is pending',
      'no-success': 'the field `success` is missing',
      'no-output': 'the field `output` is missing',
      'other-event': 'the `event_id` is of a call that nobody made',
      'no-json': 'a line `data: [DONE]` comes first',
      'failed-with-text': 'the call failed, with a text',
    },
  },
  'wan2gp.session.find': {
    shape: 'step',
    summary: 'the state of a session is looked up; left out = forgotten, as after a restart',
    match: ['sessionHash', 'fn'],
    actions: ['drop'],
  },
  'wan2gp.stream.find': {
    shape: 'step',
    summary: 'a stream is opened for a session; left out = `404: Session not found.` in the stream',
    match: ['sessionHash'],
    actions: ['drop'],
  },
  'wan2gp.queue.slot': {
    shape: 'step',
    summary: 'a call has come to the head of its queue; left out = it never runs and nobody is told',
    match: events,
  },
  'wan2gp.gpu.load': {
    shape: 'step',
    summary: 'a model is about to be loaded',
    match: [...jobs, 'model'],
    fails: { ...gpuFails, 'no-download': 'the weights are not there and the hub cannot be reached' },
  },
  'wan2gp.gpu.denoise': {
    shape: 'step',
    summary: 'one denoising step is about to run',
    match: [...jobs, 'step'],
    fails: gpuFails,
  },
  'wan2gp.gpu.decode': { shape: 'step', summary: 'VAE decoding', match: jobs, fails: gpuFails },
  'wan2gp.file.write': {
    shape: 'step',
    summary: 'a result is written to `outputs/`; left out = no file there and none in the cache',
    match: [...jobs, 'name'],
    fails: {
      'disk-full': 'ENOSPC: the generation fails',
      truncated: 'the file ends after half of its bytes, and nobody notices',
      empty: 'the file has no bytes, and nobody notices',
      forbidden: 'the path that clients are told lies outside of the allowed folders',
    },
  },
  'wan2gp.worker.tell': {
    shape: 'step',
    summary: 'the GPU worker tells `process_tasks` something; left out = it is never told',
    match: ['jobId', 'kind'],
    actions: ['drop'],
  },
  'wan2gp.mcp.tool': {
    shape: 'step',
    summary: 'an MCP tool is about to run; left out = an empty answer',
    match: ['tool'],
    fails: { error: 'the tool raises: an answer with `isError`' },
  },
  'wan2gp.abort.wish': {
    shape: 'step',
    summary: 'an abort has been asked for; left out = the worker never sees it',
    match: ['sessionHash'],
    actions: ['drop'],
  },
} as const satisfies PointCatalog

/** All points of the twin. */
export const points = { ...http, ...messages, ...steps } as const satisfies PointCatalog

/** A name of the catalog. */
export type Point = keyof typeof points
/** A message of a stream. */
export type MessagePoint = keyof typeof messages
/** A step inside the server. */
export type StepPoint = keyof typeof steps
