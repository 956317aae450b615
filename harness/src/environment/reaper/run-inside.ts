/** Runs a program of Node inside a container of the run, and tells how it ended. */
import { type Answer, refused } from './docker-socket.ts'
import type { ContainerHands } from './undo/undo.ts'

export type InsideProgram = {
  /** Source text for `node -e`. */
  readonly source: string
  readonly args?: readonly string[]
  /** By default that of the container. */
  readonly user?: string
  /** Command lines are shown to everybody; secrets go here. */
  readonly env?: readonly string[]
  /** What it is for, to complete "Cannot ...". */
  readonly doing: string
}

/** @returns its exit code; undefined when the container does not run. @throws Error what the engine refused. */
export async function runInside(
  ask: ContainerHands['ask'],
  container: string,
  { source, args = [], env = [], user, doing }: InsideProgram,
): Promise<number | undefined> {
  const exec = await ask('POST', `/containers/${container}/exec`, {
    body: {
      Cmd: ['node', '-e', source, ...args],
      Env: ['NODE_NO_WARNINGS=1', ...env],
      AttachStdout: true,
      AttachStderr: true,
      ...(user !== undefined && { User: user }),
    },
  })
  if (exec.status === 409 && /is not running/.test(exec.body)) return undefined
  if (exec.status !== 201) throw refused(doing, exec)
  const { Id: id } = JSON.parse(exec.body) as { Id: string }
  // The answer of the engine ends when the program does.
  const started = await ask('POST', `/exec/${id}/start`, { body: { Detach: false, Tty: true } })
  if (started.status !== 200) throw refused(doing, started)
  const ended: Answer = await ask('GET', `/exec/${id}/json`)
  return (JSON.parse(ended.body) as { ExitCode: number | null }).ExitCode ?? undefined
}
