/** A twin as a child process: the program a user starts, with its journal read from standard output. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { createInterface } from 'node:readline'
import type { Fault, JournalLine } from '@squall/twin-kit'

export type Program = AsyncDisposable & {
  readonly url: string
  /** Grows while the program runs. */
  readonly journal: readonly JournalLine[]
  /** Arms faults through the control port. */
  readonly break: (...faults: readonly Fault[]) => Promise<void>
  /** Ends all faults. */
  readonly heal: () => Promise<void>
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
  const token = randomBytes(24).toString('hex')
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env, SQUALL_CONTROL_TOKEN: token },
  })
  const journal: JournalLine[] = []
  const ready = Promise.withResolvers<{ readonly url: string; readonly control: string }>()
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  child.once('exit', (code) => ready.reject(new Error(`Cannot start ${main}: exit ${code}; ${said}`)))
  createInterface(child.stdout).on('line', (line) => {
    const value = JSON.parse(line) as JournalLine
    if (value['ready'] === true)
      ready.resolve({ url: String(value['url']), control: String(value['control']) })
    else journal.push(value)
  })
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  const { url, control } = await ready.promise
  const ask = async (method: string, body?: unknown): Promise<void> => {
    const init = { method, headers: { authorization: `Bearer ${token}` } }
    const text = JSON.stringify(body)
    const response = await fetch(`${control}/faults`, body === undefined ? init : { ...init, body: text })
    if (!response.ok) throw new Error(`Cannot ${method} faults: ${response.status} ${await response.text()}`)
    await response.text()
  }
  return {
    url,
    journal,
    break: (...faults) => ask('POST', faults),
    heal: () => ask('DELETE'),
    kill,
    [Symbol.asyncDispose]: kill,
  }
}
