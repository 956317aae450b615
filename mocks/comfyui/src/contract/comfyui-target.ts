/** A ComfyUI server under the contract: what it offers, and how a case talks to it. */
import { randomInt } from 'node:crypto'
import type { ContractTarget, OpenOptions } from '@squall/twin-kit/conformance/case'
import {
  CaseFailure,
  CaseSkipped,
  check,
  having,
  matching,
  object,
} from '@squall/twin-kit/conformance/compare'
import { type Answer, jsonOf, type Sent, send } from '@squall/twin-kit/conformance/send'
import { isObject } from '../answer.ts'
import type { Graph } from '../graph.ts'
import { type ContractSocket, isEndOf, openSocket } from './contract-socket.ts'

/** What a case may need. */
export type Need = 'checkpoint' | 'test-nodes' | 'slow-work' | 'harm' | 'restart' | 'loopback' | 'no-assets'

/** What the cases use. */
export type ComfyuiTarget = ContractTarget & {
  readonly checkpoint: string
  readonly restart: () => Promise<void>
  readonly send: (sent: Sent) => Promise<Answer>
  readonly json: (path: string) => Promise<unknown>
  readonly post: (path: string, json: unknown) => Promise<Answer>
  /** Connects; the caller's `using` closes it. The first frame has come. */
  readonly connect: (clientId?: string) => Promise<ContractSocket>
  /** Submits a workflow that must be accepted and returns its id. `more` goes beside `prompt`. */
  readonly submit: (prompt: Graph, more?: Readonly<Record<string, unknown>>) => Promise<string>
  /** Submits and follows to the end with a client of its own; returns that client, closed, and the id. */
  readonly runToEnd: (
    prompt: Graph,
    more?: Readonly<Record<string, unknown>>,
  ) => Promise<{ readonly id: string; readonly socket: ContractSocket }>
  /** Removes what a case left in the history. */
  readonly forget: (...ids: readonly string[]) => Promise<void>
  /** A workflow that works for seconds and looks at interrupts. */
  readonly slowGraph: () => Graph
}

/** Whether somebody here speaks ComfyUI. */
export async function recognisesComfyui(url: string): Promise<boolean> {
  try {
    const { text } = await send(url, { path: '/system_stats', budgetMs: 5000 })
    return text.includes('"comfyui_version"')
  } catch {
    return false
  }
}

/** Looks around on the server, without changing anything. */
export async function openComfyui(url: string, options: OpenOptions): Promise<ComfyuiTarget> {
  const json = async (path: string): Promise<unknown> => jsonOf(await send(url, { path }))
  const nodes = await json('/object_info')
  check('GET /object_info', nodes, object)
  const features = await json('/features')
  const classes = new Set(Object.keys(nodes as object))
  const checkpoint = firstCheckpoint(nodes as Readonly<Record<string, unknown>>)
  const reasons = reasonsFor({ url, classes, checkpoint, features, options })
  const target: ComfyuiTarget = {
    url,
    checkpoint: checkpoint ?? '',
    lacks: (need) => reasons[need as Need],
    restart: options.restart ?? (() => Promise.reject(new CaseSkipped('this server cannot be restarted'))),
    send: (sent) => send(url, sent),
    json,
    post: (path, body) => send(url, { method: 'POST', path, json: body }),
    connect: (clientId) => openSocket(url, clientId),
    submit: (prompt, more) => submit(target, prompt, more),
    runToEnd: (prompt, more) => runToEnd(target, prompt, more),
    forget: async (...ids) => void (await target.post('/history', { delete: ids })),
    slowGraph: () => slowGraph(classes.has('TProgress'), checkpoint ?? ''),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
  return target
}

function reasonsFor(facts: {
  readonly url: string
  readonly classes: ReadonlySet<string>
  readonly checkpoint: string | undefined
  readonly features: unknown
  readonly options: OpenOptions
}): Readonly<Partial<Record<Need, string>>> {
  const { classes, checkpoint, options } = facts
  const hasTestNodes = classes.has('TProgress')
  const isLoopback = ['127.0.0.1', '[::1]', 'localhost'].includes(new URL(facts.url).hostname)
  const assets = isObject(facts.features) && facts.features['assets'] === true
  const reasons: Partial<Record<Need, string | false>> = {
    checkpoint: checkpoint === undefined && 'the server offers no checkpoint',
    'test-nodes': !hasTestNodes && 'the server has no test nodes (TProgress, TFail, ...)',
    'slow-work':
      !hasTestNodes &&
      checkpoint === undefined &&
      'nothing here works long enough: no test nodes, no checkpoint',
    harm: !options.mayHarm && 'it would clutter, empty or interrupt a server that others may use',
    restart: options.restart === undefined && 'the server would have to be restarted',
    loopback: !isLoopback && 'the rule holds for loopback addresses only',
    'no-assets': assets && 'assets are switched on',
  }
  return Object.fromEntries(Object.entries(reasons).filter(([, reason]) => typeof reason === 'string'))
}

/** The server computes the list from its disk; it is the only place that tells which names will be accepted. */
function firstCheckpoint(nodes: Readonly<Record<string, unknown>>): string | undefined {
  const loader = nodes['CheckpointLoaderSimple'] as
    | { input?: { required?: { ckpt_name?: [unknown, { options?: unknown[] }?] } } }
    | undefined
  const [type, config] = loader?.input?.required?.ckpt_name ?? []
  const names = Array.isArray(type) ? (type as unknown[]) : (config?.options ?? [])
  return names.find((name): name is string => typeof name === 'string')
}

async function submit(
  target: ComfyuiTarget,
  prompt: Graph,
  more: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const answer = await target.post('/prompt', { prompt, ...more })
  const body = jsonOf(answer)
  check(
    'POST /prompt',
    { status: answer.status, body },
    { status: 200, body: having({ prompt_id: matching(/./) }) },
  )
  return String((body as { prompt_id: unknown }).prompt_id)
}

async function runToEnd(
  target: ComfyuiTarget,
  prompt: Graph,
  more: Readonly<Record<string, unknown>> = {},
): Promise<{ readonly id: string; readonly socket: ContractSocket }> {
  using socket = await target.connect(freshClientId())
  const id = await target.submit(prompt, { client_id: socket.clientId, ...more })
  await socket.until('the end of the prompt', isEndOf(id))
  return { id, socket }
}

/** A client id nobody else uses. */
export function freshClientId(): string {
  return `conformance-${randomInt(2 ** 47).toString(36)}`
}

/** A picture that no earlier prompt made, so that no cache knows it. */
export function freshColor(): number {
  return randomInt(2 ** 24)
}

function slowGraph(hasTestNodes: boolean, checkpoint: string): Graph {
  if (!hasTestNodes) return modelGraph(checkpoint, { steps: 10_000 })
  return {
    1: { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: freshColor() } },
    2: { class_type: 'TProgress', inputs: { image: ['1', 0], steps: 1000, delay: 0.05, preview: false } },
    3: { class_type: 'PreviewImage', inputs: { images: ['2', 0] } },
  }
}

/** Text to image with the given checkpoint, small, into the temp folder. */
export function modelGraph(checkpoint: string, sampler: { readonly steps: number }): Graph {
  const text = (words: string): Graph[string] => ({
    class_type: 'CLIPTextEncode',
    inputs: { text: words, clip: ['4', 1] },
  })
  return {
    3: {
      class_type: 'KSampler',
      inputs: {
        seed: freshColor(),
        cfg: 8,
        sampler_name: 'euler',
        scheduler: 'normal',
        denoise: 1,
        model: ['4', 0],
        positive: ['6', 0],
        negative: ['7', 0],
        latent_image: ['5', 0],
        ...sampler,
      },
    },
    4: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: checkpoint } },
    5: { class_type: 'EmptyLatentImage', inputs: { width: 64, height: 64, batch_size: 1 } },
    6: text('a lighthouse'),
    7: text('blurry'),
    8: { class_type: 'VAEDecode', inputs: { samples: ['3', 0], vae: ['4', 2] } },
    9: { class_type: 'PreviewImage', inputs: { images: ['8', 0] } },
  }
}

/** The smallest workflow with an output: nodes 1 and 2, no model, a file in the temp folder. */
export function smallGraph(color: number = freshColor()): Graph {
  return {
    1: { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color } },
    2: { class_type: 'PreviewImage', inputs: { images: ['1', 0] } },
  }
}

/** The queue must be empty, or counts and order say nothing. */
export async function requireIdle(target: ComfyuiTarget): Promise<void> {
  const answer = await target.json('/prompt')
  const left = (answer as { exec_info?: { queue_remaining?: unknown } }).exec_info?.queue_remaining
  if (typeof left !== 'number') {
    throw new CaseFailure([{ path: 'GET /prompt', expected: 'queue_remaining', got: JSON.stringify(answer) }])
  }
  if (left > 0) throw new CaseSkipped(`the server is busy with ${left} prompts of others`)
}
