/** A twin as a child process: the program a user starts, with its journal read from standard output. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { createInterface } from 'node:readline'
import type { JournalLine } from '@squall/twin-kit'

export type Program = AsyncDisposable & {
  readonly url: string
  /** Grows while the program runs. */
  readonly journal: readonly JournalLine[]
  /** SIGKILL; resolves when the program is gone. */
  readonly kill: () => Promise<void>
}

export type ProgramOptions = {
  readonly main: string
  readonly flags?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Resolves when the program listens. @throws with what it said on standard error when it does not. */
export async function startProgram({ main, flags = [], env = {} }: ProgramOptions): Promise<Program> {
  const args = [main, '--port', '0', '--data-folder', tmpdir(), ...flags]
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  const journal: JournalLine[] = []
  const ready = Promise.withResolvers<string>()
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  child.once('exit', (code) => ready.reject(new Error(`Cannot start ${main}: exit ${code}; ${said}`)))
  createInterface(child.stdout).on('line', (line) => {
    const value = JSON.parse(line) as JournalLine
    if (value['ready'] === true) ready.resolve(String(value['url']))
    else journal.push(value)
  })
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  return { url: await ready.promise, journal, kill, [Symbol.asyncDispose]: kill }
}
