/**
 * What a node does when it runs. Nothing is computed: a link carries a few facts about what would be on it (which
 * model, which text, which seed, what size), and the saving nodes make a picture from those facts.
 */
import type { Gpu, ImageOptions } from '@squall/twin-kit'
import type { Folders } from '../folders.ts'
import type { Graph, Link } from '../graph.ts'
import type { ModelFolder } from '../models.ts'
import type { ModelFile } from './model-file.ts'

/** What travels along a link. Every fact is optional; a node adds what it knows. */
export type Facts = {
  /** Model that must be resident on the GPU to use this. */
  readonly model?: ModelFile
  readonly text?: string
  readonly seed?: number | bigint
  readonly width?: number
  readonly height?: number
  readonly batch?: number
  /** Length of a sigma schedule. */
  readonly steps?: number
  /** Frames per second of a video. */
  readonly fps?: number
  /** An execution blocker: nodes after it do not run. A text is reported once, an empty one never. */
  readonly blocked?: string
}

/** Nodes a node puts in its own place. Links inside name nodes of `graph`; other inputs may be facts. */
export type Expansion = {
  readonly graph: Graph
  /** Where the outputs of the expanded node come from. */
  readonly outputs: readonly Link[]
}

/** Result of one node: facts per output slot, and what output nodes show to clients. */
export type NodeResult = {
  readonly outputs: readonly Facts[]
  readonly ui?: Readonly<Record<string, unknown>>
  /** Given instead of outputs: the outputs are those of the nodes in it. */
  readonly expansion?: Expansion
}

/** Everything a node may use while it runs. */
export type NodeRun = {
  /** Constants as coerced, links replaced by their facts. */
  readonly inputs: Readonly<Record<string, unknown>>
  readonly nodeId: string
  readonly outputTypes: readonly string[]
  readonly graph: Graph
  readonly extraData: Readonly<Record<string, unknown>>
  readonly gpu: Gpu
  /** Aborts when the prompt is interrupted. Loading ignores it, as the real loaders do. */
  readonly signal: AbortSignal
  /** One tick. With a `preview` (JPEG bytes) it is never throttled. Throws if the prompt was interrupted. */
  readonly onProgress: (value: number, max: number, preview?: Buffer) => void
  /** Sends a binary text frame (type 3) in the name of this node. */
  readonly sendText: (text: string) => void
  /** Waits simulated milliseconds; an interrupt ends it only with the signal. */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Whether samplers send preview pictures. */
  readonly previewsWanted: boolean
  /** Stores a result and notes it in the journal. */
  readonly save: Folders['save']
  readonly readInput: Folders['readInput']
  /** Opens a model file. Throws PythonError if it is gone or damaged. */
  readonly checkModel: (folder: ModelFolder, file: string) => Promise<void>
  /** Five letters that differ per twin start (names of preview files). */
  readonly temporaryPrefix: string
}

/** One node class in action. */
export type Behaviour = (run: NodeRun) => NodeResult | Promise<NodeResult>

/** The facts on an input; empty if the input is a constant or missing. */
export function factsOf(run: NodeRun, input: string): Facts {
  const value = run.inputs[input]
  return typeof value === 'object' && value !== null ? value : {}
}

/** A text input; empty if it is missing. */
export function textOf(run: NodeRun, input: string): string {
  const value = run.inputs[input]
  return typeof value === 'string' ? value : ''
}

/** A numeric input as a plain number. */
export function countOf(run: NodeRun, input: string, otherwise = 0): number {
  const value = run.inputs[input]
  return value === undefined || value === null ? otherwise : Number(value)
}

/** What the kit needs to draw the picture that the facts describe. */
export function pictureOf({ text = '', seed = 0, width = 512, height = 512 }: Facts): ImageOptions {
  return { prompt: text, seed: Number(seed), width, height }
}

/** Amount of work over all pictures, 1 = one of 512 x 512. */
export function workOf({ width = 512, height = 512, batch = 1 }: Facts): number {
  return ((width * height) / (512 * 512)) * batch
}

/** The same facts on every output of the node. */
export function onAllOutputs(run: NodeRun, facts: Facts): NodeResult {
  return { outputs: run.outputTypes.map(() => facts) }
}

/** All facts that come in, earlier inputs winning. What a node without a file of its own passes on. */
export function carry(run: NodeRun): Facts {
  const incoming = Object.keys(run.inputs).map((input) => factsOf(run, input))
  return Object.assign({}, ...incoming.toReversed()) as Facts
}
