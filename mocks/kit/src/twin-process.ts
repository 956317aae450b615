/**
 * A twin as the program a user starts: a child process that can be ended and started again on its port and folder.
 * Used by contracts and the self-check, which must see what a user sees.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { atExit } from './at-exit.ts'
import { TwinError } from './errors.ts'
import type { JournalLine } from './journal.ts'

/** What is started. */
export type TwinProcessOptions = {
  /** The twin's main file. */
  readonly main: string
  readonly dataFolder: string
  readonly flags?: readonly string[]
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Default 0 = any free port. */
  readonly port?: number
  /** Default 15 s. */
  readonly startBudgetMs?: number
}

/** How a process ended: exit code, or the signal that ended it. */
export type ProcessEnd = { readonly code: number | null; readonly signal: NodeJS.Signals | null }

/** A twin that runs, or has run. */
export type TwinProcess = AsyncDisposable & {
  readonly url: () => string
  /** Address of the control port. */
  readonly control: () => string
  readonly port: () => number
  readonly pid: () => number | undefined
  /** All lines of all starts, the ready lines left out. */
  readonly journal: readonly JournalLine[]
  /** Ends it and resolves when it is gone; the end of one that is gone already is told again. */
  readonly end: (signal: NodeJS.Signals) => Promise<ProcessEnd>
  readonly isRunning: () => boolean
  /** Starts it again on the same port and folder, with more flags if wanted. */
  readonly startAgain: (more?: readonly string[]) => Promise<void>
}

type Ready = { readonly url: string; readonly control: string }
type Run = Ready & { readonly child: ChildProcess; readonly ended: Promise<ProcessEnd> }

/** Starts it and resolves when it listens. @throws TwinError `cannot-start` with what it wrote on standard error. */
export async function startTwinProcess(options: TwinProcessOptions): Promise<TwinProcess> {
  const journal: JournalLine[] = []
  let run = await start(options, options.port ?? 0, journal)
  const port = (): number => Number(new URL(run.url).port)
  const end = (signal: NodeJS.Signals): Promise<ProcessEnd> => {
    run.child.kill(signal)
    return run.ended
  }
  return {
    url: () => run.url,
    control: () => run.control,
    port,
    pid: () => run.child.pid,
    journal,
    end,
    isRunning: () => run.child.exitCode === null && run.child.signalCode === null,
    startAgain: async (more = []) => {
      await end('SIGKILL')
      run = await start({ ...options, flags: [...(options.flags ?? []), ...more] }, port(), journal)
    },
    [Symbol.asyncDispose]: async () => void (await end('SIGKILL')),
  }
}

async function start(options: TwinProcessOptions, port: number, journal: JournalLine[]): Promise<Run> {
  const { main, dataFolder, flags = [], env = {} } = options
  const family = familyOf(process.env)
  const args = [...family.nodeFlags, main, '--port', String(port), '--data-folder', dataFolder, ...flags]
  const stdio: ('ignore' | 'pipe')[] = ['ignore', 'pipe', 'pipe']
  const child = spawn(process.execPath, args, { stdio, env: { ...process.env, ...env, ...family.env } })
  const ended = once(child, 'close').then(([code, signal]): ProcessEnd => ({ code, signal }))
  void ended.then(atExit(() => void child.kill('SIGKILL')))
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2000)
  })
  const ready = Promise.withResolvers<Ready>()
  if (child.stdout !== null) {
    createInterface(child.stdout).on('line', (line) => {
      const value = JSON.parse(line) as JournalLine
      if (value['ready'] === true)
        ready.resolve({ url: String(value['url']), control: String(value['control']) })
      else journal.push(value)
    })
  }
  const fail = (state: string): void =>
    ready.reject(
      new TwinError(
        'cannot-start',
        `Cannot start ${main}: ${state}; ${said.trim() || 'it wrote nothing on stderr'}`,
      ),
    )
  void ended.then(({ code, signal }) => fail(`it ended with ${signal ?? code}`))
  child.once('error', ({ message }) => fail(message))
  const budgetMs = options.startBudgetMs ?? 15_000
  const limit = AbortSignal.timeout(budgetMs)
  const expire = (): void => {
    fail(`no ready line within ${budgetMs} ms`)
    child.kill('SIGKILL')
  }
  limit.addEventListener('abort', expire, { once: true })
  try {
    return { child, ended, ...(await ready.promise) }
  } finally {
    limit.removeEventListener('abort', expire)
  }
}

/** Where boot started this process, its children end with it by the same means, even if it is killed. */
function familyOf({ SQUALL_BOOT: boot }: NodeJS.ProcessEnv): {
  readonly nodeFlags: readonly string[]
  readonly env: Readonly<Record<string, string>>
} {
  if (boot === undefined) return { nodeFlags: [], env: {} }
  return { nodeFlags: process.execArgv, env: { SQUALL_BOOT: String(process.pid) } }
}
