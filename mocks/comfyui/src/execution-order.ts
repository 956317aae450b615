/**
 * Which node runs next. Same rules as the real server, so the order of events matches for the same workflow:
 * among ready nodes an output goes first, then one that feeds an output, then one that feeds that, else the one
 * met first (measured, golden 16).
 */
import { type Graph, linksOf } from './graph.ts'

/** The nodes still to run. */
export type ExecutionOrder = {
  /** The next node, or undefined when nothing is left. It stays pending until `finish`. */
  readonly next: () => string | undefined
  readonly finish: (nodeId: string) => void
}

/** Plans all nodes that `outputs` need and that are not cached. Outputs run even if cached (they report again). */
export function planExecution(
  graph: Graph,
  outputs: readonly string[],
  isCached: (nodeId: string) => boolean,
  isOutput: (nodeId: string) => boolean,
): ExecutionOrder {
  const pending = new Set<string>()
  const feeds = new Map<string, Set<string>>()
  const blockers = new Map<string, Set<string>>()
  for (const output of outputs) collect(graph, output, isCached, pending)
  for (const id of pending) {
    const before = new Set(neededBy(graph, id).filter((from) => pending.has(from) && !isCached(from)))
    blockers.set(id, before)
    for (const from of before) feeds.set(from, (feeds.get(from) ?? new Set()).add(id))
  }
  const fed = (id: string): string[] => [...(feeds.get(id) ?? [])]
  return {
    next: () => {
      const ready = [...pending].filter((id) => blockers.get(id)?.size === 0)
      return (
        ready.find(isOutput) ??
        ready.find((id) => fed(id).some(isOutput)) ??
        ready.find((id) => fed(id).flatMap(fed).some(isOutput)) ??
        ready[0]
      )
    },
    finish: (nodeId) => {
      pending.delete(nodeId)
      for (const id of fed(nodeId)) blockers.get(id)?.delete(nodeId)
    },
  }
}

function collect(
  graph: Graph,
  output: string,
  isCached: (nodeId: string) => boolean,
  pending: Set<string>,
): void {
  const stack = [output]
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    if (pending.has(id)) continue
    pending.add(id)
    stack.push(...neededBy(graph, id).filter((from) => !isCached(from)))
  }
}

function neededBy(graph: Graph, id: string): string[] {
  const node = graph[id]
  return node === undefined ? [] : linksOf(node).map(([from]) => from)
}
