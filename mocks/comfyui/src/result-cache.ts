/**
 * Results of the previous prompt, by what a node is: its class, its inputs and all ancestors. Renamed node ids
 * still hit. Only nodes of the prompt before survive, so A, B, A runs everything again (measured, golden 02).
 */
import { createHash } from 'node:crypto'
import { stringifyPython } from '@squall/twin-kit'
import { type Graph, isLink } from './graph.ts'
import type { NodeResult } from './nodes/behaviour.ts'

/** What is known of the nodes of the current prompt. */
export type PromptCache = {
  readonly get: (nodeId: string) => NodeResult | undefined
  readonly set: (nodeId: string, result: NodeResult) => void
}

/** The cache of a server. */
export type ResultCache = {
  /** Starts a prompt: forgets everything that does not belong to it. */
  readonly open: (graph: Graph) => PromptCache
  readonly clear: () => void
}

/** Builds an empty cache. A volatile class never finds its result, and neither does anything after it. */
export function createResultCache(isVolatile: (className: string) => boolean = () => false): ResultCache {
  let kept = new Map<string, NodeResult>()
  let prompts = 0
  return {
    open: (graph) => {
      const prompt = prompts++
      const keys = cacheKeys(graph, (className) => (isVolatile(className) ? prompt : undefined))
      const wanted = new Set(keys.values())
      const current = new Map([...kept].filter(([key]) => wanted.has(key)))
      kept = current
      return {
        get: (nodeId) => current.get(keys.get(nodeId) ?? ''),
        set: (nodeId, result) => void current.set(keys.get(nodeId) ?? '', result),
      }
    },
    clear: () => kept.clear(),
  }
}

function cacheKeys(graph: Graph, changeOf: (className: string) => number | undefined): Map<string, string> {
  const keys = new Map<string, string>()
  const keyOf = (id: string): string => {
    const known = keys.get(id)
    if (known !== undefined) return known
    const node = graph[id]
    const change = changeOf(node?.class_type ?? '')
    const inputs = Object.entries(node?.inputs ?? {})
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, value]) => [name, isLink(value) ? [keyOf(value[0]), value[1]] : { constant: value }])
    const key = createHash('sha256')
      .update(stringifyPython([node?.class_type, inputs, change]))
      .digest('base64')
    keys.set(id, key)
    return key
  }
  // Only validated nodes are sure to be free of cycles; the others are not run and need no key.
  for (const id of acyclicNodes(graph)) keyOf(id)
  return keys
}

/** Nodes whose ancestors are all present and free of cycles. */
function acyclicNodes(graph: Graph): string[] {
  const verdicts = new Map<string, boolean>()
  const isSound = (id: string): boolean => {
    const known = verdicts.get(id)
    if (known !== undefined) return known
    verdicts.set(id, false)
    const node = graph[id]
    const sound =
      node?.inputs !== undefined &&
      Object.values(node.inputs).every((value) => !isLink(value) || isSound(value[0]))
    verdicts.set(id, sound)
    return sound
  }
  return Object.keys(graph).filter(isSound)
}
