/** A twin inside a test: the same server on a real port, with the journal as an array instead of stdout lines. */
import { mkdirSync } from 'node:fs'
import { createClock } from './clock.ts'
import type { FlagDefinitions, FlagValues } from './flags.ts'
import { createJournal, type JournalLine } from './journal.ts'
import { urlOf } from './run-twin.ts'
import { type Served, serve } from './serve.ts'
import type { TwinDefinition } from './twin.ts'

/** Options of `startTwin`. */
export type StartOptions = TwinDefinition & {
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

/** A started twin. Disposing drops all sockets, as a killed server would. */
export type StartedTwin = AsyncDisposable & {
  readonly url: string
  readonly port: number
  readonly journal: readonly JournalLine[]
}

/** Starts a twin on 127.0.0.1 in this process. Throws TwinError `port-in-use` like the program does. */
export async function startTwin(options: StartOptions): Promise<StartedTwin> {
  mkdirSync(options.dataFolder, { recursive: true })
  const journal: JournalLine[] = []
  const defaults = Object.fromEntries(
    Object.entries(options.flagDefinitions ?? {}).map(([name, definition]) => [name, definition.default]),
  )
  const served: { by?: Served } = {}
  const twin = await options.create({
    journal: createJournal((line) => {
      journal.push(line)
      options.onJournal?.(line)
    }),
    clock: createClock(options.timeScale ?? 1),
    seed: options.seed ?? 1,
    dataFolder: options.dataFolder,
    flags: { ...defaults, ...options.flags },
    url: () => urlOf(served.by),
  })
  served.by = await serve(twin, { host: '127.0.0.1', port: options.port ?? 0 })
  const { url, port, close } = served.by
  return { url, port, journal, [Symbol.asyncDispose]: close }
}
