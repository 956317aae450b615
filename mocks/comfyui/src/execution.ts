/**
 * Runs one prompt: order of nodes, cache, events, results. The order of messages is the contract (golden 02, 16):
 * execution_start, execution_cached, then per node progress_state, executing, ticks, executed, progress_state, and
 * at the end execution_success, execution_error or execution_interrupted.
 *
 *   scope (the workflow)  -> node -> node with an expansion -> scope (its nodes) -> outputs of the node
 *
 * Knowingly missing: lazy inputs, and siblings of an expanded node run after it, never in between.
 */
import { type Gpu, orderedRecord, type TwinContext } from '@squall/twin-kit'
import { textFrame } from './binary-frames.ts'
import {
  createExecutionEvents,
  type ExecutionEvents,
  errorFields,
  isOutOfMemory,
} from './execution-events.ts'
import { planExecution } from './execution-order.ts'
import type { Graph, GraphNode } from './graph.ts'
import type { PromptResult } from './history.ts'
import { damagedUi, raiseInjected } from './injected-failures.ts'
import { blockerIn, resolveInputs, shownInputs } from './node-inputs.ts'
import type { Expansion, NodeResult, NodeRun } from './nodes/behaviour.ts'
import { behaviourOf } from './nodes/behaviours.ts'
import type { Catalog } from './nodes/catalog.ts'
import type { ComfyuiPoint } from './points.ts'
import type { Profile } from './profile.ts'
import { createProgress, type NodePlace, type Progress } from './progress.ts'
import { PythonError, pythonSystemError } from './python-error.ts'
import type { QueueItem } from './queue.ts'
import type { PromptCache, ResultCache } from './result-cache.ts'
import type { Sockets } from './socket.ts'

/** How a prompt ended. */
export type Outcome = 'success' | 'error' | 'interrupted'

/** What execution needs from the server. */
export type ExecutionParts = {
  readonly sockets: Pick<Sockets, 'send' | 'sendBinary' | 'wantsMetadata'>
  readonly cache: ResultCache
  readonly catalog: Catalog
  readonly profile: Profile
  readonly gpu: Pick<Gpu, 'unloadAll'>
  readonly now: () => number
  readonly faults: TwinContext<ComfyuiPoint>['faults']
  /** Told which node is executing, for clients that connect in the middle. */
  readonly onNode: (nodeId: string) => void
  /** The parts of a node run that do not depend on the prompt's own state. */
  readonly tools: (
    item: QueueItem,
    nodeId: string,
  ) => Pick<
    NodeRun,
    'gpu' | 'save' | 'readInput' | 'checkModel' | 'temporaryPrefix' | 'wait' | 'now' | 'previewsWanted'
  >
}

type Run = {
  readonly parts: ExecutionParts
  readonly item: QueueItem
  readonly signal: AbortSignal
  readonly clientId: unknown
  readonly progress: Progress
  readonly events: ExecutionEvents
  readonly outputs: Record<string, unknown>
  readonly meta: Record<string, unknown>
  readonly executed: Set<string>
}

/** Nodes that run together: those of the workflow, or those of an expansion. */
type Scope = {
  readonly graph: Graph
  readonly results: PromptCache
  /** The node of the workflow that was expanded into this scope. */
  readonly parentId?: string
}

/** Runs `item` to its end. Never throws for what a workflow does; `signal` interrupts it. */
export async function executePrompt(
  parts: ExecutionParts,
  item: QueueItem,
  signal: AbortSignal,
): Promise<PromptResult & { readonly outcome: Outcome }> {
  // An absent client id is undefined here: such messages either go to everybody or to nobody.
  const clientId = item.extraData['client_id'] ?? undefined
  const about = { promptId: item.promptId, clientId, now: parts.now }
  const events = createExecutionEvents(parts.sockets, about)
  const run: Run = {
    parts,
    item,
    signal,
    clientId,
    progress: createProgress(parts.sockets, parts.profile, about),
    events,
    outputs: orderedRecord(),
    meta: orderedRecord(),
    executed: new Set(),
  }
  const scope: Scope = { graph: item.graph, results: parts.cache.open(item.graph) }
  events.tell('execution_start', {})
  const cached = Object.keys(item.graph).filter((id) => scope.results.get(id) !== undefined)
  events.tell('execution_cached', { nodes: cached })
  const outcome = await runScope(run, scope, item.outputs)
  if (outcome === 'success') events.tell('execution_success', {})
  const { outputs, meta } = run
  return { outcome, success: outcome === 'success', messages: events.messages, outputs, meta }
}

async function runScope(run: Run, scope: Scope, outputs: readonly string[]): Promise<Outcome> {
  const isCached = (id: string): boolean => scope.results.get(id) !== undefined
  const isOutput = (id: string): boolean => infoOf(run, nodeOf(scope.graph, id)).output_node
  const order = planExecution(scope.graph, outputs, isCached, isOutput)
  for (let id = order.next(); id !== undefined; id = order.next()) {
    const outcome = await runNode(run, scope, id)
    if (outcome !== 'success') return outcome
    run.executed.add(scope.parentId ?? id)
    order.finish(id)
  }
  return 'success'
}

async function runNode(run: Run, scope: Scope, id: string): Promise<Outcome> {
  const place: NodePlace = scope.parentId === undefined ? { id } : { id, parentId: scope.parentId }
  const known = scope.results.get(id)
  if (known !== undefined) {
    showResult(run, place, known)
    run.progress.finish(place)
    return 'success'
  }
  run.progress.start(place)
  run.parts.onNode(id)
  const display = place.parentId ?? id
  const { promptId } = run.item
  run.events.sendToSubmitter('executing', { node: id, display_node: display, prompt_id: promptId })
  try {
    run.signal.throwIfAborted()
    const ran = await computeNode(run, scope, place)
    const result = ran.expansion === undefined ? ran : await runExpansion(run, place, ran.expansion)
    if (typeof result === 'string') return result
    scope.results.set(id, result)
    if (result.ui !== undefined) showResult(run, place, result)
    run.progress.finish(place)
    return 'success'
  } catch (error) {
    return reportFailure(run, scope, id, error)
  }
}

async function computeNode(run: Run, scope: Scope, place: NodePlace): Promise<NodeResult> {
  const node = nodeOf(scope.graph, place.id)
  const info = infoOf(run, node)
  const inputs = resolveInputs(node, info, ([from, slot]) => scope.results.get(from)?.outputs[slot])
  const blocker = blockerIn(inputs)
  if (blocker !== undefined) {
    if (blocker !== '') reportBlocker(run, place.id, node, blocker)
    return { outputs: info.output.map(() => ({ blocked: '' })) }
  }
  const about = aboutNode(run, place.id, node)
  const started = await run.parts.faults.step('comfyui.node.execute', about, run.signal)
  if (started.kind === 'fail') raiseInjected(started.as)
  const result = await behaviourOf(node.class_type)({
    ...run.parts.tools(run.item, place.id),
    inputs,
    nodeId: place.id,
    outputTypes: info.output,
    graph: run.item.graph,
    extraData: run.item.extraData,
    signal: run.signal,
    sendText: (text) => run.parts.sockets.sendBinary(textFrame(place.id, text), run.clientId),
    onProgress: (value, max, preview) => {
      run.signal.throwIfAborted()
      run.progress.tick(place, value, max, preview)
    },
  })
  if (result.ui === undefined) return result
  const told = await run.parts.faults.step('comfyui.node.output', about)
  if (told.kind === 'fail') return { ...result, ui: damagedUi(result.ui, told.as) }
  return told.kind === 'skip' ? { outputs: result.outputs } : result
}

/** What faults can match a node by. */
function aboutNode({ item, clientId }: Run, node: string, { class_type: className }: GraphNode) {
  return { promptId: item.promptId, clientId, node, class: className }
}

/** Runs the nodes in place of the node; its outputs are theirs. */
async function runExpansion(run: Run, place: NodePlace, expansion: Expansion): Promise<NodeResult | Outcome> {
  const results = new Map<string, NodeResult>()
  const scope: Scope = {
    graph: expansion.graph,
    results: { get: (id) => results.get(id), set: (id, result) => void results.set(id, result) },
    parentId: place.parentId ?? place.id,
  }
  const outputs = expansion.outputs.map(([id]) => id)
  const outcome = await runScope(run, scope, outputs)
  if (outcome !== 'success') return outcome
  return { outputs: expansion.outputs.map(([id, slot]) => results.get(id)?.outputs[slot] ?? {}) }
}

/** `executed` goes out for every node with UI data, and for cached outputs even without (golden 02). */
function showResult(run: Run, { id, parentId }: NodePlace, result: NodeResult): void {
  run.events.sendToSubmitter('executed', {
    node: id,
    display_node: parentId ?? id,
    output: result.ui ?? null,
    prompt_id: run.item.promptId,
  })
  if (result.ui === undefined) return
  run.outputs[id] = result.ui
  run.meta[id] = {
    node_id: id,
    display_node: parentId ?? id,
    parent_node: parentId ?? null,
    real_node_id: parentId ?? id,
  }
}

/** The prompt goes on and succeeds; history says nothing of this (golden 06). */
function reportBlocker(run: Run, id: string, node: GraphNode, text: string): void {
  run.events.sendToSubmitter('execution_error', {
    prompt_id: run.item.promptId,
    node_id: id,
    node_type: node.class_type,
    executed: [...run.executed],
    exception_message: `Execution Blocked: ${text}`,
    exception_type: 'ExecutionBlocked',
    traceback: [],
    current_inputs: [],
    current_outputs: [],
  })
}

/** An error inside an expansion is reported under the node of the workflow. */
function reportFailure(run: Run, scope: Scope, id: string, error: unknown): Outcome {
  const shownId = scope.parentId ?? id
  const { class_type: className } = nodeOf(run.item.graph, shownId)
  const place = { node_id: shownId, node_type: className, executed: [...run.executed] }
  if (run.signal.aborted) {
    run.events.tell('execution_interrupted', place)
    return 'interrupted'
  }
  const raised = error instanceof PythonError ? error : pythonSystemError(error)
  if (raised === undefined) throw error
  const failed = nodeOf(scope.graph, id)
  if (isOutOfMemory(raised)) run.parts.gpu.unloadAll()
  run.events.tell('execution_error', {
    ...place,
    ...errorFields(raised),
    current_inputs: shownInputs(failed, infoOf(run, failed), run.item),
    current_outputs: Object.keys(run.item.graph),
  })
  return 'error'
}

function nodeOf(graph: Graph, id: string): GraphNode {
  const node = graph[id]
  if (node === undefined) throw new PythonError('KeyError', `'${id}'`)
  return node
}

function infoOf(run: Run, node: GraphNode) {
  const info = run.parts.catalog.info(node.class_type)
  if (info === undefined) throw new PythonError('KeyError', `'${node.class_type}'`)
  return info
}
