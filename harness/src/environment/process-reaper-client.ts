/**
 * The harness's end of the process reaper: starts it detached, holds its lifeline, registers processes with it and
 * notices when it dies.
 */
import { spawn } from 'node:child_process'
import { setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deadline } from '../support/deadline.ts'
import { EngineError, type ReaperLost } from './engine-error.ts'
import { ownerOf } from './owner.ts'
import { formatRequest, type ReaperRequest } from './reaper/request.ts'

export type ProcessReaper = {
  /** The reaper process, in the form of an owner (owner.ts). */
  readonly owner: string
  /** Never waits: the line stays in the pipe even when the harness dies at once. */
  tell(request: ReaperRequest): void
  /** Everything is removed: the reaper may go. Resolves when it has. */
  release(): Promise<void>
}

const program = fileURLToPath(new URL('reaper/main.ts', import.meta.url))
/** It may still be starting, on a machine under load. */
const goBudgetMs = 5000

/** @throws EngineError `reaper-failed`. */
export async function startProcessReaper(runId: string, onLost: ReaperLost): Promise<ProcessReaper> {
  const child = spawn(process.execPath, [program, '--process', runId], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    // Node's own default folder; halves the processor time of the start (185 to 85 ms).
    env: { NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'), ...process.env },
  })
  const owner = child.pid === undefined ? undefined : ownerOf(child.pid)
  if (owner === undefined) {
    const cause = await new Promise<Error>((resolve) => child.once('error', resolve))
    throw new EngineError('reaper-failed', 'Cannot start the reaper process: node did not start', { cause })
  }
  yieldToUnits(child.pid)
  // The harness may end while the reaper runs: that is what it is for.
  child.unref()
  let released = false
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.once('exit', (code, signal) => {
    const how = signal ?? `exit code ${code}`
    if (!released)
      onLost(
        new EngineError('reaper-lost', `Cannot guard run ${runId}: its reaper ended (${how}); end the run`),
      )
  })
  // A write after its death; the exit above tells.
  child.stdin.on('error', () => undefined)
  return {
    owner,
    tell: (request) => void child.stdin.write(formatRequest(request)),
    release: async () => {
      released = true
      child.stdin.end(formatRequest({ kind: 'done' }))
      using limit = deadline(goBudgetMs, 'see the reaper go')
      await limit.race(gone).catch(() => void child.kill('SIGKILL'))
    },
  }
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
