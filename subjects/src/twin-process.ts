/**
 * A twin as a program of its own, for tests that must kill it: only a real SIGKILL ends a server without a word.
 * The harness has this in a bigger form (its process engine); these tests are about the client and need no run.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'

export type TwinName = 'comfyui' | 'litellm' | 'openai' | 'wan2gp'

export type JournalLine = { readonly event: string } & Readonly<Record<string, unknown>>

export type TwinProcess = AsyncDisposable & {
  readonly url: string
  /** What the twin did in all its lives so far. */
  readonly journal: readonly JournalLine[]
  /** SIGKILL. Resolves when it is dead. */
  kill(): Promise<void>
  /** The same port, the same data folder. Resolves when it listens. */
  startAgain(): Promise<void>
  /** Resolves when the journal holds a line that fits. */
  until(fits: (line: JournalLine) => boolean): Promise<void>
}

export async function startTwinProcess(name: TwinName, args: readonly string[] = []): Promise<TwinProcess> {
  const packageFile = createRequire(import.meta.url).resolve(`@squall/twin-${name}/package.json`)
  const main = join(dirname(packageFile), 'src/main.ts')
  const dataFolder = await mkdtemp(join(tmpdir(), `squall-subject-${name}-`))
  const journal: JournalLine[] = []
  const listeners = new Set<() => void>()
  const start = (port: string): Promise<{ child: ChildProcess; url: string }> =>
    launch([main, '--port', port, '--data-folder', dataFolder, '--seed', '1', ...args], (line) => {
      journal.push(line)
      for (const listener of listeners) listener()
    })
  const first = await start('0')
  let { child } = first
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
  return {
    url: first.url,
    journal,
    kill,
    async startAgain() {
      child = (await start(new URL(first.url).port)).child
    },
    until: (fits) =>
      new Promise((resolve) => {
        const look = () => {
          if (!journal.some(fits)) return
          listeners.delete(look)
          resolve()
        }
        listeners.add(look)
        look()
      }),
    async [Symbol.asyncDispose]() {
      await kill()
      await rm(dataFolder, { recursive: true, force: true })
    },
  }
}

/** The first line says where it listens, every later one is the journal. */
function launch(
  args: readonly string[],
  onLine: (line: JournalLine) => void,
): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`Cannot start ${args[0]}: exit ${code}; see above`)))
    lines.on('line', (text) => {
      const line = JSON.parse(text) as { ready?: boolean; url?: string } & JournalLine
      if (line.ready === true && line.url !== undefined) resolve({ child, url: line.url })
      else onLine(line)
    })
  })
}
