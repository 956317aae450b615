/** The twin as a process of its own, so that a replay can kill it and a poisoned prompt can end it. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startTwinProcess } from '@squall/twin-kit/twin-process'
import type { ReplayTarget } from './replay-target.ts'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

/** Starts the twin with its test nodes and without models, as the recorded server was. */
export async function startProcessTarget(
  folder: string,
  flags: readonly string[] = [],
): Promise<ReplayTarget> {
  const dataFolder = join(folder, 'data')
  const twin = await startTwinProcess({ main, dataFolder, flags: ['--test-nodes', ...flags] })
  return {
    dataFolder,
    url: twin.url,
    isUp: twin.isRunning,
    start: twin.startAgain,
    kill: async (signal) => void (await twin.end(signal)),
    [Symbol.asyncDispose]: () => twin[Symbol.asyncDispose](),
  }
}
