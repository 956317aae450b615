/**
 * The one worker: takes prompts from the queue and runs them one after the other (golden 08). History is written
 * after execution_success and before the `status` that follows it; `executing null` comes last.
 */
import type { Gpu, Journal } from '@squall/twin-kit'
import { type ExecutionParts, executePrompt } from './execution.ts'
import type { History } from './history.ts'
import type { PromptQueue, QueueItem } from './queue.ts'
import { WorkerDeath } from './worker-death.ts'

/** The worker as routes and sockets see it. */
export type Worker = {
  /** Call after something was queued. */
  readonly wake: () => void
  /** Stops the running prompt; with an id only if that one is running. Without effect while idle. */
  readonly interrupt: (promptId?: string) => void
  /** Applied between prompts, as `/free` promises. */
  readonly free: (wish: { readonly unloadModels: boolean; readonly freeMemory: boolean }) => void
  /** Ends all work without a word, as a killed process would. */
  readonly stop: () => void
  /** Node that runs for this client now. */
  readonly executingNode: (clientId: string) => string | undefined
}

/** What the worker works with. */
export type WorkerParts = Omit<ExecutionParts, 'onNode'> & {
  readonly queue: PromptQueue
  readonly history: History
  readonly gpu: Gpu
  readonly journal: Journal
}

type Current = { readonly item: QueueItem; readonly stopping: AbortController; nodeId?: string }

/** Builds an idle worker. */
export function createWorker(parts: WorkerParts): Worker {
  let current: Current | undefined
  let stopped = false
  let wish = { unloadModels: false, freeMemory: false }
  const applyWish = (): void => {
    if (wish.unloadModels || wish.freeMemory) parts.gpu.unloadAll()
    if (wish.freeMemory) parts.cache.clear()
    wish = { unloadModels: false, freeMemory: false }
  }
  const work = async (): Promise<void> => {
    for (let item = parts.queue.take(); item !== undefined; item = parts.queue.take()) {
      const mine: Current = { item, stopping: new AbortController() }
      current = mine
      const isAlive = await runItem(parts, mine, () => stopped)
      if (stopped || !isAlive) return
      current = undefined
      applyWish()
    }
  }
  return {
    wake: () => {
      // Not at once: the answer to the submitter leaves first, as a second thread would allow.
      if (current === undefined) setImmediate(() => current === undefined && void work())
    },
    interrupt: (promptId) => {
      if (promptId === undefined || promptId === current?.item.promptId) {
        current?.stopping.abort(new Error('interrupted'))
      }
    },
    free: ({ unloadModels, freeMemory }) => {
      wish = { unloadModels: wish.unloadModels || unloadModels, freeMemory: wish.freeMemory || freeMemory }
      if (current === undefined) applyWish()
    },
    stop: () => {
      stopped = true
      current?.stopping.abort(new Error('stopped'))
    },
    executingNode: (clientId) =>
      current?.item.extraData['client_id'] === clientId ? current.nodeId : undefined,
  }
}

/** Resolves to false if the prompt took the worker with it: it stays running for ever then (golden 14). */
async function runItem(parts: WorkerParts, current: Current, isStopped: () => boolean): Promise<boolean> {
  const { item, stopping } = current
  const { promptId } = item
  const about = { promptId, clientId: item.extraData['client_id'] }
  await parts.faults.step('comfyui.queue.take', about)
  parts.journal('job-started', { jobId: promptId })
  const onNode = (nodeId: string): void => {
    current.nodeId = nodeId
  }
  const result = await executePrompt({ ...parts, onNode }, item, stopping.signal).catch((error: unknown) => {
    if (!(error instanceof WorkerDeath)) throw error
  })
  if (result === undefined) return false
  if (isStopped()) return true
  const written = await parts.faults.step('comfyui.history.write', about)
  if (written.kind === 'go') parts.history.add(item, result)
  parts.journal('job-finished', { jobId: promptId, outcome: result.outcome })
  delete current.nodeId
  parts.queue.done()
  const clientId = item.extraData['client_id'] ?? undefined
  if (clientId !== undefined) parts.sockets.send('executing', { node: null, prompt_id: promptId }, clientId)
  return true
}
