/**
 * Every edge of the ComfyUI twin where it can be broken on purpose. The table for people is made from it
 * (`docs/fault-points.md`); public failures as faults at these points are in `src/incidents.test.ts`.
 */
import { type HttpPoint, httpPoints, type Point, type PointCatalog } from '@squall/twin-kit'
import { type Edge, edgeRoutes } from './edges.ts'

/** WebSocket messages by point, with what each says. */
const messages = {
  hello: 'The first frame: `status` with the session id',
  'executing-hello': '`executing` of a running node, sent to a client that reconnects',
  'feature-flags': 'The answer to the negotiation',
  status: '`status`, to everybody at every change of the queue',
  'execution-start': '`execution_start`',
  'execution-cached': '`execution_cached`',
  'progress-state': '`progress_state`',
  executing: '`executing` of a node',
  progress: '`progress`, one tick of a bar',
  preview: 'A preview picture (binary, type 1 or 4)',
  text: 'A text of a node (binary, type 3)',
  executed: '`executed`, with the outputs of a node',
  'execution-success': '`execution_success`',
  'execution-error': '`execution_error`',
  'execution-interrupted': '`execution_interrupted`',
  'executing-null': '`executing` without a node: the prompt is over',
  logs: '`logs`, to subscribers of the server log',
  pong: 'The answer to a ping of the client',
} as const

/** The names of the messages. */
export type MessageName = keyof typeof messages

const steps = {
  'comfyui.ws.register': {
    summary: 'A connected client is entered under its id; without it, it stays connected and deaf',
    match: ['clientId'],
    actions: ['drop'],
  },
  'comfyui.ws.negotiate': {
    summary: 'The wishes of `feature_flags` are stored; without it, previews come in the old form',
    match: ['clientId'],
    actions: ['drop'],
  },
  'comfyui.ws.publisher': {
    summary: 'The one publisher is about to send a message; what it waits for, everybody waits for',
    match: ['type', 'promptId', 'node'],
    actions: ['drop', 'delay', 'stall', 'crash'],
  },
  'comfyui.queue.put': {
    summary: 'An accepted prompt is put into the queue; without it, it was accepted and never existed',
    match: ['promptId', 'clientId'],
    actions: ['drop', 'crash'],
  },
  'comfyui.queue.take': {
    summary:
      'The worker has taken a prompt and is about to start it; a stalled worker accepts and never runs',
    match: ['promptId', 'clientId'],
    actions: ['delay', 'stall', 'crash'],
  },
  'comfyui.models.list': {
    summary:
      'The choices of a model input are read from disk for validation; without it, the file has vanished',
    match: ['class', 'input'],
    actions: ['drop'],
  },
  'comfyui.node.execute': {
    summary: 'A node is about to run. A stall ignores interrupts, as a hung node does',
    match: ['promptId', 'clientId', 'node', 'class'],
    actions: ['delay', 'stall', 'fail', 'crash'],
    fails: {
      'out-of-memory': '`torch.OutOfMemoryError`; all models are unloaded',
      error: '`RuntimeError: synthetic failure`',
      'corrupt-model': '`safetensors._safetensors_rust.SafetensorError`, as a truncated checkpoint raises it',
      'missing-file': '`FileNotFoundError`, as after a model was deleted',
      'worker-death':
        '`SystemExit`: the worker ends, the prompt stays "running", everything else looks healthy',
    },
  },
  'comfyui.node.output': {
    summary: 'The UI data of a node are about to be told and kept',
    match: ['promptId', 'clientId', 'node', 'class'],
    actions: ['drop', 'fail'],
    fails: {
      nan: 'A bare `NaN` in them, which is no JSON',
      'not-json': 'A value that Python cannot write: the process ends with 1',
      huge: 'A text of 16 MiB in them',
    },
  },
  'comfyui.gpu.load': {
    summary: 'A model is about to be loaded; a delay is the long silence of a cold start',
    match: ['promptId', 'node', 'model'],
    actions: ['delay', 'stall', 'fail', 'crash'],
    fails: {
      'out-of-memory': '`torch.OutOfMemoryError`',
      'corrupt-model': '`safetensors._safetensors_rust.SafetensorError`',
    },
  },
  'comfyui.gpu.step': {
    summary: 'A sampler is about to do a step',
    match: ['promptId', 'clientId', 'node', 'step'],
    actions: ['delay', 'stall', 'fail', 'crash'],
    fails: { 'out-of-memory': '`torch.OutOfMemoryError`' },
  },
  'comfyui.output.save': {
    summary: 'A result is about to be written; without it, it is recorded and /view says 404',
    match: ['promptId', 'type', 'file'],
    actions: ['drop', 'delay', 'stall', 'fail', 'crash'],
    fails: {
      'disk-full': '`OSError: [Errno 28] No space left on device`',
      truncated: 'Half of the bytes are written',
    },
  },
  'comfyui.history.write': {
    summary: 'A finished prompt is about to enter the history; the events are out already',
    match: ['promptId', 'clientId'],
    actions: ['drop', 'delay', 'stall', 'crash'],
  },
} as const satisfies Readonly<Record<string, Omit<Point, 'shape'>>>

/** The names of the steps. */
export type StepPoint = keyof typeof steps

/** Names of all points. */
export type ComfyuiPoint =
  | HttpPoint<'comfyui', Edge>
  | `comfyui.ws.${MessageName}`
  | 'comfyui.ws.handshake'
  | StepPoint

/** All points, in the order of the table. */
export const comfyuiPoints: PointCatalog<ComfyuiPoint> = {
  ...httpPoints('comfyui', edgeRoutes, { submit: ['promptId', 'clientId'] }),
  'comfyui.ws.handshake': {
    shape: 'request',
    summary: 'A client wants to open the WebSocket',
    match: ['clientId', 'path'],
  },
  ...messagePoints(),
  ...stepPoints(),
}

function messagePoints(): PointCatalog<`comfyui.ws.${MessageName}`> {
  const entries = Object.entries(messages).map(([name, summary]): [string, Point] => [
    `comfyui.ws.${name}`,
    { shape: 'message', summary, match: ['clientId', 'promptId', 'node', 'value'] },
  ])
  return Object.fromEntries(entries) as Record<`comfyui.ws.${MessageName}`, Point>
}

function stepPoints(): PointCatalog<StepPoint> {
  const entries = Object.entries(steps).map(([name, step]) => [name, { shape: 'step', ...step }])
  return Object.fromEntries(entries) as Record<StepPoint, Point>
}
