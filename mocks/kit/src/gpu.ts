/**
 * A virtual GPU: one job at a time, a cold load per model, a duration per step, and memory that can run out.
 * Without `vramBytes` the memory is endless, and models of 0 bytes (the default) never push each other out.
 */
import type { VirtualClock } from './clock.ts'
import { createVram, type VramFigures } from './vram.ts'

/** One GPU. All durations are simulated milliseconds and go through the clock of the twin. */
export type Gpu = {
  /** Waits for the GPU to be free and takes it; dispose the lease to give it back. Rejects if the signal aborts first. */
  acquire(signal?: AbortSignal): Promise<Disposable>
  /**
   * Loads a model if it is not resident, and marks it as just used. Resolves to true if it was cold. Models used
   * longest ago make room; rejects with GpuOutOfMemory, at once, if even that does not help. An aborted load leaves
   * the model cold.
   */
  load(model: string, options?: GpuLoad): Promise<boolean>
  /**
   * Takes working memory until disposed. Models other than `keep` make room, those used longest ago first. Throws
   * GpuOutOfMemory if that does not help.
   */
  reserve(bytes: number, keep?: readonly string[]): Disposable
  /** Runs `steps` steps of `msPerStep` each; `onStep` gets 1..steps after each one. Rejects at once on abort. */
  run(work: GpuWork): Promise<void>
  /** Drops all models, so that the next load of each is cold. */
  unloadAll(): void
  /** Names of resident models, the one used longest ago first. */
  readonly resident: ReadonlySet<string>
  /** Memory at this moment. */
  vram(): VramFigures
}

/** How a model is loaded. `bytes` is what it takes on the GPU, default 0. */
export type GpuLoad = { readonly loadMs?: number; readonly bytes?: number; readonly signal?: AbortSignal }

/** A stretch of GPU work. */
export type GpuWork = {
  readonly steps: number
  readonly msPerStep: number
  readonly signal?: AbortSignal
  /** Runs before each step, and the step waits for it: a place for faults. */
  readonly beforeStep?: (step: number) => void | Promise<void>
  readonly onStep?: (step: number) => void
}

/** Builds a GPU without models. `loadMs` is the default duration of a cold load. */
export function createGpu(options: {
  readonly clock: VirtualClock
  readonly loadMs: number
  readonly vramBytes?: number
}): Gpu {
  const { clock } = options
  const vram = createVram(options.vramBytes ?? Number.POSITIVE_INFINITY)
  let free: Promise<void> = Promise.resolve()
  return {
    resident: vram.resident,
    vram: () => vram.figures(),
    unloadAll: () => vram.clear(),
    reserve: (bytes, keep) => vram.reserve(bytes, keep),
    acquire: async (signal) => {
      const turn = Promise.withResolvers<void>()
      const before = free
      free = before.then(() => turn.promise)
      try {
        await orAbort(before, signal)
      } catch (error) {
        turn.resolve()
        throw error
      }
      return { [Symbol.dispose]: () => turn.resolve() }
    },
    load: async (model, { loadMs = options.loadMs, bytes = 0, signal } = {}) => {
      if (vram.touch(model)) return false
      {
        using _room = vram.reserve(bytes)
        await clock.wait(loadMs, signal)
      }
      vram.place(model, bytes)
      return true
    },
    run: (work) => runSteps(clock, work),
  }
}

async function runSteps(clock: VirtualClock, work: GpuWork): Promise<void> {
  const start = clock.now()
  for (let step = 1; step <= work.steps; step++) {
    await work.beforeStep?.(step)
    // Each wait aims at the schedule, not at "one step from now", so that timer slack does not add up.
    const dueMs = clock.timeScale === 0 ? 0 : step * work.msPerStep - (clock.now() - start) / clock.timeScale
    await clock.wait(Math.max(0, dueMs), work.signal)
    work.onStep?.(step)
  }
}

function orAbort(promise: Promise<void>, signal?: AbortSignal): Promise<void> {
  if (signal === undefined) return promise
  const aborted = Promise.withResolvers<void>()
  const abort = (): void => aborted.reject(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  return Promise.race([promise, aborted.promise]).finally(() => signal.removeEventListener('abort', abort))
}
