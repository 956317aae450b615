/**
 * A container engine of one's own, for tests of what no shared one may be put through. In a network namespace of its
 * own: a second daemon beside the first would take down its bridge and its rules.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pollUntil } from '../support/poll.ts'

export type PrivateDockerd = AsyncDisposable & {
  /** Environment and wrapper of a program that is to use it: run `[...inside, program, ...args]`. */
  readonly env: NodeJS.ProcessEnv
  readonly inside: readonly string[]
  /** As `systemctl stop docker` does. */
  stop(): Promise<void>
  /** Resolves when it answers. */
  start(): Promise<void>
}

const readyMsMax = 30_000

/** Root, Linux, and the programs for it. */
export function canRunDockerd(): boolean {
  const has = (program: string): boolean =>
    ['/usr/bin', '/usr/sbin', '/sbin', '/bin'].some((folder) => existsSync(join(folder, program)))
  return process.getuid?.() === 0 && ['dockerd', 'ip', 'nsenter'].every(has)
}

export async function startPrivateDockerd(name: string): Promise<PrivateDockerd> {
  const folder = mkdtempSync(join(tmpdir(), 'squall-dockerd-'))
  const socket = join(folder, 'docker.sock')
  const inside = ['nsenter', `--net=/var/run/netns/${name}`]
  execFileSync('ip', ['netns', 'add', name])
  execFileSync('ip', ['-n', name, 'link', 'set', 'lo', 'up'])
  let daemon: ChildProcess | undefined
  const start = async (): Promise<void> => {
    const [wrapper = '', ...flags] = inside
    const roots = ['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')]
    const args = ['dockerd', ...roots, '--pidfile', join(folder, 'pid'), '-H', `unix://${socket}`]
    daemon = spawn(wrapper, [...flags, ...args], { stdio: 'ignore' })
    await pollUntil({
      what: 'the second dockerd answers',
      everyMs: 50,
      budgetMs: readyMsMax,
      probe: async (signal) => {
        execFileSync('curl', ['-sf', '-m', '1', '--unix-socket', socket, 'http://docker/_ping'], {
          stdio: 'ignore',
        })
        return signal.aborted ? { done: false, saw: 'too late' } : { done: true, value: undefined }
      },
    })
  }
  const stop = async (): Promise<void> => {
    if (!daemon || daemon.exitCode !== null) return
    const exited = once(daemon, 'exit')
    daemon.kill('SIGTERM')
    await exited
  }
  const dispose = async (): Promise<void> => {
    await stop()
    execFileSync('ip', ['netns', 'del', name])
    rmSync(folder, { recursive: true, force: true })
  }
  await start()
  return {
    env: { ...process.env, DOCKER_HOST: `unix://${socket}` },
    inside,
    stop,
    start,
    [Symbol.asyncDispose]: dispose,
  }
}
