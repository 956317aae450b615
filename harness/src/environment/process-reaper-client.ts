/**
 * The harness's end of the process reaper: starts it detached, holds its lifeline, registers processes with it and
 * notices when it dies or answers no more.
 */
import { spawn } from 'node:child_process'
import { Socket } from 'node:net'
import { setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { deadline } from '../support/deadline.ts'
import { EngineError, type ReaperLost } from './engine-error.ts'
import { ownerOf } from './owner.ts'
import type { Undo } from './reaper/undo/undo.ts'
import { openReaperChannel, type Withdraw } from './reaper-channel.ts'
import { reportFolder, reportName } from './reaper-reports.ts'

export type ProcessReaper = {
  /** The reaper process, in the form of an owner (owner.ts). */
  readonly owner: string
  /** Never waits: the line stays in the pipe even when the harness dies at once. */
  register(process: { readonly owner: string; readonly unit: string }): void
  /** See Engine. */
  intend(undo: Undo): Promise<Withdraw>
  /** Everything is removed: the reaper may go. Resolves when it has. */
  release(): Promise<void>
}

const program = fileURLToPath(new URL('reaper/main.ts', import.meta.url))
/** It may still be starting, on a machine under load. */
const goBudgetMs = 5000

export type ProcessReaperOptions = {
  readonly runId: string
  /** How long the harness may be silent before it counts as gone, ms. */
  readonly ttlMs: number
  readonly onLost: ReaperLost
}

/** @throws EngineError `reaper-failed`. */
export async function startProcessReaper(options: ProcessReaperOptions): Promise<ProcessReaper> {
  const { runId, ttlMs } = options
  const child = spawn(process.execPath, [program, '--process', runId], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      // Node's own default folder; halves the processor time of the start (185 to 85 ms).
      NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'),
      ...process.env,
      SQUALL_REAPER_REPORT: join(reportFolder(), reportName(runId)),
    },
  })
  const owner = child.pid === undefined ? undefined : ownerOf(child.pid)
  if (owner === undefined) {
    const cause = await new Promise<Error>((resolve) => child.once('error', resolve))
    throw new EngineError('reaper-failed', 'Cannot start the reaper process: node did not start', { cause })
  }
  yieldToUnits(child.pid)
  // The harness may end while the reaper runs: that is what it is for.
  child.unref()
  letEnd(child.stdout)
  let released = false
  const lost = (why: string): void => {
    if (released) return
    released = true
    options.onLost(new EngineError('reaper-lost', `Cannot guard run ${runId}: ${why}; end the run`))
  }
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.once('exit', (code, signal) => lost(`its reaper ended (${signal ?? `exit code ${code}`})`))
  // A write after its death; the exit above tells.
  child.stdin.on('error', () => undefined)
  const channel = openReaperChannel(child.stdout, child.stdin)
  channel.keepAlive(ttlMs, lost)
  return {
    owner,
    register: ({ owner: registered, unit }) =>
      void channel.ask({ kind: 'process', owner: registered, unit }).catch(() => undefined),
    intend: (undo) => channel.intend(undo),
    release: async () => {
      if (released) child.kill('SIGKILL')
      else channel.end({ kind: 'done' })
      released = true
      using limit = deadline(goBudgetMs, 'see the reaper go')
      await limit.race(gone).catch(() => void child.kill('SIGKILL'))
    },
  }
}

/** Its answers are no reason for the harness to stay; a pipe of a child is a socket, which its type does not say. */
function letEnd(output: Readable): void {
  if (output instanceof Socket) output.unref()
}

/** It starts beside the first units and has nothing to do before the end of the run: they go first. */
function yieldToUnits(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    setPriority(pid, 10)
  } catch {
    // A matter of milliseconds, not of correctness.
  }
}
