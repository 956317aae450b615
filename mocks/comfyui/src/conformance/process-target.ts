/** The twin as a process of its own, so that a replay can kill it and a poisoned prompt can end it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { ReplayTarget } from './replay-target.ts'

const program = fileURLToPath(new URL('../main.ts', import.meta.url))

/** Starts the twin with its test nodes and without models, as the recorded server was. */
export async function startProcessTarget(
  folder: string,
  flags: readonly string[] = [],
): Promise<ReplayTarget> {
  const dataFolder = join(folder, 'data')
  let running: { readonly child: ChildProcess; readonly url: string } | undefined
  let port = '0'
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    if (running === undefined) return
    const gone = once(running.child, 'exit')
    running.child.kill(signal)
    await gone
  }
  const start = async (more: readonly string[] = []): Promise<void> => {
    const common = ['--port', port, '--data-folder', dataFolder, '--test-nodes']
    const child = spawn(process.execPath, [program, ...common, ...flags, ...more], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    child.once('exit', () => {
      running = undefined
    })
    const lines = createInterface(child.stdout)
    const [first] = (await once(lines, 'line')) as [string]
    const { url } = JSON.parse(first) as { url: string }
    // The journal must be read, or the twin would block on a full pipe.
    lines.on('line', () => undefined)
    port = new URL(url).port
    running = { child, url }
  }
  await start()
  return {
    dataFolder,
    url: () => `http://127.0.0.1:${port}`,
    isUp: () => running !== undefined,
    start,
    kill,
    [Symbol.asyncDispose]: () => kill('SIGKILL'),
  }
}
