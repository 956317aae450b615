/**
 * The queue: a binary heap ordered by number, then by prompt id as text (measured, golden 08). It is Python's
 * heapq step by step, because `/queue` shows the array and clients see the heap order. Lost with the process.
 */
import type { PythonFloat } from '@squall/twin-kit'
import type { Graph } from './graph.ts'
import { PythonError } from './python-error.ts'

/** One queued prompt. */
export type QueueItem = {
  /** An explicit number is a float on the real server and shown as one. */
  readonly number: number | PythonFloat
  readonly promptId: string
  readonly graph: Graph
  readonly extraData: Readonly<Record<string, unknown>>
  readonly outputs: readonly string[]
}

/** The five elements clients see for an item. */
export function shownItem(item: QueueItem): readonly unknown[] {
  return [item.number, item.promptId, item.graph, item.extraData, item.outputs]
}

/** Pending and running prompts. */
export type PromptQueue = {
  /** Adds an item. Throws PythonError on a full tie with a pending item, and the item is in the heap anyway. */
  readonly put: (item: QueueItem) => void
  /** Takes the next item and marks it as running. */
  readonly take: () => QueueItem | undefined
  /** Unmarks the running item. */
  readonly done: () => void
  readonly running: () => QueueItem | undefined
  /** Pending items in heap order, not run order. */
  readonly pending: () => readonly QueueItem[]
  /** Removes one pending item; false if there is none with that id. */
  readonly remove: (promptId: string) => boolean
  readonly clear: () => void
  /** Running plus pending, the `queue_remaining` of clients. */
  readonly remaining: () => number
}

/** Builds an empty queue. `changed` is called on every change a client is told about. */
export function createQueue(changed: () => void): PromptQueue {
  let heap: QueueItem[] = []
  let running: QueueItem | undefined
  const clear = (): void => {
    heap = []
    changed()
  }
  return {
    put: (item) => {
      heap.push(item)
      siftTowardsRoot(heap, heap.length - 1)
      changed()
    },
    take: () => {
      const last = heap.pop()
      if (last === undefined) return undefined
      running = last
      if (heap[0] !== undefined) {
        running = heap[0]
        heap[0] = last
        siftTowardsLeaves(heap, 0)
      }
      changed()
      return running
    },
    done: () => {
      running = undefined
      changed()
    },
    running: () => running,
    pending: () => heap,
    remove: (promptId) => {
      const index = heap.findIndex((item) => item.promptId === promptId)
      if (index === -1) return false
      // The real server empties the heap by another path then, and tells twice (measured, golden 08).
      if (heap.length === 1) clear()
      else {
        heap.splice(index, 1)
        for (let at = Math.floor(heap.length / 2) - 1; at >= 0; at--) siftTowardsLeaves(heap, at)
      }
      changed()
      return true
    },
    clear,
    remaining: () => heap.length + (running === undefined ? 0 : 1),
  }
}

function isBefore(left: QueueItem, right: QueueItem): boolean {
  const [leftNumber, rightNumber] = [left.number.valueOf(), right.number.valueOf()]
  if (leftNumber !== rightNumber) return leftNumber < rightNumber
  if (left.promptId !== right.promptId) return left.promptId < right.promptId
  throw new PythonError('TypeError', "'<' not supported between instances of 'dict' and 'dict'")
}

function siftTowardsRoot(heap: QueueItem[], from: number, root = 0): void {
  const item = heap[from]
  if (item === undefined) return
  let at = from
  while (at > root) {
    const parent = heap[(at - 1) >> 1]
    if (parent === undefined || !isBefore(item, parent)) break
    heap[at] = parent
    at = (at - 1) >> 1
  }
  heap[at] = item
}

function siftTowardsLeaves(heap: QueueItem[], root: number): void {
  const item = heap[root]
  if (item === undefined) return
  let at = root
  for (let child = 2 * at + 1; child < heap.length; child = 2 * at + 1) {
    const [left, right] = [heap[child], heap[child + 1]]
    if (left === undefined) break
    const smaller = right !== undefined && !isBefore(left, right) ? right : left
    const next = smaller === left ? child : child + 1
    heap[at] = smaller
    at = next
  }
  heap[at] = item
  siftTowardsRoot(heap, at, root)
}
