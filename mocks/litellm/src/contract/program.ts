/** A twin as a child process: the program a user starts, with its journal read from standard output. */
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import type { Fault, JournalLine } from '@squall/twin-kit'
import { startTwinProcess } from '@squall/twin-kit/twin-process'

export type Program = AsyncDisposable & {
  readonly url: string
  /** Grows while the program runs. */
  readonly journal: readonly JournalLine[]
  /** What the program itself has of its journal after so many lines, also what is still on its way to `journal`. */
  readonly journalled: (
    after: number,
  ) => Promise<{ readonly lines: readonly JournalLine[]; readonly next: number }>
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
  const token = randomBytes(24).toString('hex')
  const given = { ...env, SQUALL_CONTROL_TOKEN: token }
  const twin = await startTwinProcess({ main, dataFolder: tmpdir(), flags, env: given })
  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${twin.control()}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`Cannot ${method} ${path}: ${response.status} ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }
  const kill = async (): Promise<void> => void (await twin.end('SIGKILL'))
  return {
    url: twin.url(),
    journal: twin.journal,
    journalled: async (after) =>
      (await ask('GET', `/journal?after=${after}`)) as Awaited<ReturnType<Program['journalled']>>,
    break: async (...faults) => void (await ask('POST', '/faults', faults)),
    heal: async () => void (await ask('DELETE', '/faults')),
    kill,
    [Symbol.asyncDispose]: kill,
  }
}
