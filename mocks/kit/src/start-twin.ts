/** A twin inside a test: the same server on a real port, with the journal as an array instead of stdout lines. */
import { mkdirSync } from 'node:fs'
import type { Fault } from './faults/fault.ts'
import type { Faults } from './faults/faults.ts'
import type { FlagDefinitions, FlagValues } from './flags.ts'
import { armAtStart, hostTwin } from './host-twin.ts'
import type { JournalLine } from './journal.ts'
import { type Served } from './serve.ts'
import type { TwinDefinition } from './twin.ts'

/** Options of `startTwin`. */
export type StartOptions<Point extends string = string> = TwinDefinition<Point> & {
  readonly dataFolder: string
  /** Default 1. */
  readonly seed?: number
  /** Default 1. Tests want 0 or 0.01. */
  readonly timeScale?: number
  /** Default 0 = any free port. Give the old port to play a restart. */
  readonly port?: number
  /** Flag values as the command line would give them. */
  readonly flags?: FlagValues
  /** Definitions, only for their defaults. */
  readonly flagDefinitions?: FlagDefinitions
  readonly onJournal?: (line: JournalLine) => void
}

/** A started twin. Disposing drops all sockets, as a killed server would; so does a crash. */
export type StartedTwin = AsyncDisposable & {
  readonly url: string
  readonly port: number
  readonly journal: readonly JournalLine[]
  readonly faults: Pick<Faults, 'heal' | 'healAll' | 'list'>
  /** Arms faults as the control port would. Throws TwinError `bad-fault`. */
  readonly break: (...faults: readonly Fault[]) => Promise<void>
  readonly state: () => unknown
  readonly reset: (options?: { readonly files: boolean }) => Promise<void>
}

/** Starts a twin on 127.0.0.1 in this process. Throws TwinError `port-in-use` like the program does. */
export async function startTwin<Point extends string = string>(
  options: StartOptions<Point>,
): Promise<StartedTwin> {
  mkdirSync(options.dataFolder, { recursive: true })
  const journal: JournalLine[] = []
  const defaults = Object.fromEntries(
    Object.entries(options.flagDefinitions ?? {}).map(([name, definition]) => [name, definition.default]),
  )
  const running: { served?: Served } = {}
  const hosted = hostTwin(options, {
    seed: options.seed ?? 1,
    timeScale: options.timeScale ?? 1,
    dataFolder: options.dataFolder,
    flags: { ...defaults, ...options.flags },
    onLine: (line) => {
      journal.push(line)
      options.onJournal?.(line)
    },
    crash: () => {
      hosted.stop()
      void running.served?.close()
    },
  })
  const served = await hosted.listen({ host: '127.0.0.1', port: options.port ?? 0 })
  running.served = served
  return {
    url: served.url,
    port: served.port,
    journal,
    faults: hosted.faults,
    break: async (...faults) => void (await armAtStart(hosted.faults, faults)),
    state: hosted.control.state,
    reset: (resetOptions = { files: false }) => hosted.control.reset(resetOptions),
    [Symbol.asyncDispose]: async () => {
      hosted.stop()
      await served.close()
    },
  }
}
