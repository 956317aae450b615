/**
 * Runs one prompt: order of nodes, cache, events, results. The order of messages is the contract (golden 02, 16):
 * execution_start, execution_cached, then per node progress_state, executing, ticks, executed, progress_state, and
 * at the end execution_success, execution_error or execution_interrupted.
 * Knowingly missing: sub-graph expansion, execution blockers, lazy inputs.
 */
import { PythonFloat } from '@squall/twin-kit'
import { planExecution } from './execution-order.ts'
import { type GraphNode, isLink } from './graph.ts'
import type { PromptResult, StatusMessage } from './history.ts'
import type { NodeResult, NodeRun } from './nodes/behaviour.ts'
import { behaviourOf } from './nodes/behaviours.ts'
import type { Catalog } from './nodes/catalog.ts'
import { createProgress, type Progress } from './progress.ts'
import { PythonError, pythonRepr, pythonSystemError, pythonTraceback, pythonType } from './python-error.ts'
import type { QueueItem } from './queue.ts'
import type { PromptCache, ResultCache } from './result-cache.ts'
import type { Sockets } from './socket.ts'
import { coercedTypes } from './validation/coerce.ts'

/** How a prompt ended. */
export type Outcome = 'success' | 'error' | 'interrupted'

/** What execution needs from the server. */
export type ExecutionParts = {
  readonly sockets: Pick<Sockets, 'send'>
  readonly cache: ResultCache
  readonly catalog: Catalog
  readonly now: () => number
  /** Told which node is executing, for clients that connect in the middle. */
  readonly onNode: (nodeId: string) => void
  /** The parts of a node run that do not depend on the prompt's own state. */
  readonly tools: (item: QueueItem) => Pick<NodeRun, 'gpu' | 'save' | 'temporaryPrefix'>
}

type Run = {
  readonly parts: ExecutionParts
  readonly item: QueueItem
  readonly signal: AbortSignal
  readonly clientId: unknown
  readonly progress: Progress
  readonly cache: PromptCache
  readonly messages: StatusMessage[]
  readonly outputs: Record<string, unknown>
  readonly meta: Record<string, unknown>
  readonly executed: Set<string>
}

/** Runs `item` to its end. Never throws for what a workflow does; `signal` interrupts it. */
export async function executePrompt(
  parts: ExecutionParts,
  item: QueueItem,
  signal: AbortSignal,
): Promise<PromptResult & { readonly outcome: Outcome }> {
  // An absent client id is undefined here: such messages either go to everybody or to nobody.
  const clientId = item.extraData['client_id'] ?? undefined
  const run: Run = {
    parts,
    item,
    signal,
    clientId,
    progress: createProgress(parts.sockets, { promptId: item.promptId, clientId, now: parts.now }),
    cache: parts.cache.open(item.graph),
    messages: [],
    outputs: {},
    meta: {},
    executed: new Set(),
  }
  tell(run, 'execution_start', {})
  const cached = Object.keys(item.graph).filter((id) => run.cache.get(id) !== undefined)
  tell(run, 'execution_cached', { nodes: cached })
  const outcome = await runNodes(run)
  const { messages, outputs, meta } = run
  return { outcome, success: outcome === 'success', messages, outputs, meta }
}

async function runNodes(run: Run): Promise<Outcome> {
  const { graph, outputs } = run.item
  const isCached = (id: string): boolean => run.cache.get(id) !== undefined
  const isOutput = (id: string): boolean => infoOf(run, id).output_node
  const order = planExecution(graph, outputs, isCached, isOutput)
  for (let id = order.next(); id !== undefined; id = order.next()) {
    const outcome = await runNode(run, id)
    if (outcome !== 'success') return outcome
    run.executed.add(id)
    order.finish(id)
  }
  tell(run, 'execution_success', {})
  return 'success'
}

async function runNode(run: Run, id: string): Promise<Outcome> {
  const known = run.cache.get(id)
  if (known !== undefined) {
    showResult(run, id, known)
    run.progress.finish(id)
    return 'success'
  }
  run.progress.start(id)
  run.parts.onNode(id)
  sendToSubmitter(run, 'executing', { node: id, display_node: id, prompt_id: run.item.promptId })
  try {
    run.signal.throwIfAborted()
    const result = await behaviourOf(nodeOf(run, id).class_type)(nodeRun(run, id))
    run.cache.set(id, result)
    if (result.ui !== undefined) showResult(run, id, result)
    run.progress.finish(id)
    return 'success'
  } catch (error) {
    return reportFailure(run, id, error)
  }
}

function nodeRun(run: Run, id: string): NodeRun {
  const node = nodeOf(run, id)
  const info = infoOf(run, id)
  const configs = { ...info.input.required, ...info.input.optional }
  const inputs = Object.entries(node.inputs).map(([name, value]) => {
    if (isLink(value)) return [name, run.cache.get(value[0])?.outputs[value[1]]]
    const type = configs[name]?.[0]
    const needsLink = typeof type === 'string' && type !== 'COMBO' && type !== '*' && !isCoerced(type)
    if (needsLink) {
      throw new PythonError('AttributeError', `'${pythonType(value)}' object has no attribute 'shape'`)
    }
    return [name, value instanceof PythonFloat ? value.value : value]
  })
  return {
    ...run.parts.tools(run.item),
    inputs: Object.fromEntries(inputs) as Record<string, unknown>,
    outputTypes: info.output,
    graph: run.item.graph,
    extraData: run.item.extraData,
    signal: run.signal,
    onProgress: (value, max) => run.progress.tick(id, value, max),
  }
}

function isCoerced(type: string): boolean {
  return (coercedTypes as readonly string[]).includes(type)
}

/** `executed` goes out for every node with UI data, and for cached outputs even without (golden 02). */
function showResult(run: Run, id: string, result: NodeResult): void {
  const { promptId } = run.item
  sendToSubmitter(run, 'executed', {
    node: id,
    display_node: id,
    output: result.ui ?? null,
    prompt_id: promptId,
  })
  if (result.ui === undefined) return
  run.outputs[id] = result.ui
  run.meta[id] = { node_id: id, display_node: id, parent_node: null, real_node_id: id }
}

function reportFailure(run: Run, id: string, error: unknown): Outcome {
  const node = nodeOf(run, id)
  const place = { node_id: id, node_type: node.class_type, executed: [...run.executed] }
  if (run.signal.aborted) {
    tell(run, 'execution_interrupted', place)
    return 'interrupted'
  }
  const raised = error instanceof PythonError ? error : pythonSystemError(error)
  if (raised === undefined) throw error
  const inputs = Object.entries(node.inputs).map(([name, value]) => [
    name,
    [typeof value === 'string' ? value : pythonRepr(value)],
  ])
  tell(run, 'execution_error', {
    ...place,
    exception_message: `${raised.message}\n`,
    exception_type: raised.type,
    traceback: pythonTraceback([545, 'execute'], [344, 'get_output_data'], [306, 'process_inputs']),
    current_inputs: Object.fromEntries(inputs) as Record<string, unknown>,
    current_outputs: Object.keys(run.item.graph),
  })
  return 'error'
}

/** Sends a message that also becomes part of the history entry. Only an interruption is told to everybody. */
function tell(run: Run, event: string, data: Readonly<Record<string, unknown>>): void {
  const message = { prompt_id: run.item.promptId, ...data, timestamp: Math.trunc(run.parts.now()) }
  run.messages.push([event, message])
  if (event === 'execution_interrupted') run.parts.sockets.send(event, message, run.clientId)
  else sendToSubmitter(run, event, message)
}

function sendToSubmitter(run: Run, type: string, data: unknown): void {
  if (run.clientId !== undefined) run.parts.sockets.send(type, data, run.clientId)
}

function nodeOf(run: Run, id: string): GraphNode {
  const node = run.item.graph[id]
  if (node === undefined) throw new PythonError('KeyError', `'${id}'`)
  return node
}

function infoOf(run: Run, id: string) {
  const info = run.parts.catalog.info(nodeOf(run, id).class_type)
  if (info === undefined) throw new PythonError('KeyError', `'${nodeOf(run, id).class_type}'`)
  return info
}
