/**
 * One running twin: the definition, its port, its faults and its journal put together. Shared by the program
 * (`runTwin`) and by tests (`startTwin`), so that both break and reset in the same way.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createClock } from './clock.ts'
import { tokenFileName } from './control/control-token.ts'
import { createJournalRecord } from './control/journal-record.ts'
import type { ControlTarget } from './control/serve-control.ts'
import { emptyFolder } from './empty-folder.ts'
import { TwinError } from './errors.ts'
import type { Fault } from './faults/fault.ts'
import { createFaults, type Faults } from './faults/faults.ts'
import type { PointCatalog } from './faults/point.ts'
import type { FlagValues } from './flags.ts'
import { createJournal, type JournalLine } from './journal.ts'
import { type Served, serve } from './serve.ts'
import type { Twin, TwinContext, TwinDefinition } from './twin.ts'

/** What a twin is started with. */
export type HostOptions = {
  readonly seed: number
  readonly timeScale: number
  readonly dataFolder: string
  readonly flags: FlagValues
  readonly onLine: (line: JournalLine) => void
  /** Ends the twin without a goodbye. Returns only where the process is not the twin's own. */
  readonly crash: (exitCode?: number) => void
}

/** A twin that is built, and on its port after `listen`. */
export type HostedTwin = {
  readonly faults: Faults
  readonly control: ControlTarget
  /** Builds the twin and binds the port. Throws TwinError `port-in-use`, `cannot-listen` or `start-failed`. */
  readonly listen: (address: { readonly host: string; readonly port: number }) => Promise<Served>
  /** Lets the twin end what it does; its sockets are not touched. */
  readonly stop: () => void
}

/** The catalog with the one point that every twin has: its own start, which `--faults` can harm. */
export function allPoints({ name, points = {} }: Pick<TwinDefinition, 'name' | 'points'>): PointCatalog {
  return {
    ...points,
    [`${name}.process.start`]: {
      shape: 'step',
      summary:
        'The program has started and is about to build the server; the port refuses connections until then',
      actions: ['delay', 'stall', 'crash'],
    },
  }
}

/** Puts the parts of a twin together. Nothing is built or bound yet. */
export function hostTwin(definition: TwinDefinition, options: HostOptions): HostedTwin {
  const { seed, timeScale, dataFolder, flags } = options
  const record = { lines: createJournalRecord() }
  const journal = createJournal((line) => {
    record.lines.add(line)
    options.onLine(line)
  })
  const clock = createClock(timeScale)
  const crash = (exitCode?: number, complaint?: string): void => {
    if (complaint !== undefined) process.stderr.write(`${complaint}\n`)
    options.crash(exitCode)
  }
  const faults = createFaults({ points: allPoints(definition), seed, journal, clock, crash })
  const running: { twin?: Twin; served?: Served } = {}
  const url = (): string => {
    if (running.served !== undefined) return running.served.url
    throw new TwinError('cannot-listen', 'Cannot tell the address: the twin does not listen yet; ask later')
  }
  const context: TwinContext = { journal, clock, seed, dataFolder, flags, faults, url, crash }
  const build = async (): Promise<Twin> => {
    mkdirSync(dataFolder, { recursive: true })
    return definition.create(context)
  }
  const stop = (): void => {
    running.twin?.stop?.()
    delete running.twin
  }
  const reset = async ({ files }: { readonly files: boolean }): Promise<void> => {
    stop()
    running.served?.dropConnections()
    faults.healAll()
    record.lines = createJournalRecord()
    if (files) emptyFolder(dataFolder, [join(dataFolder, tokenFileName), ...pathsIn(flags)])
    running.twin = await build()
    journal('reset', { files })
  }
  return {
    faults,
    stop,
    control: {
      name: definition.name,
      url,
      faults,
      journal: { add: (line) => record.lines.add(line), after: (after) => record.lines.after(after) },
      state: () => ({ faults: faults.list().length, ...(running.twin?.state?.() as object | undefined) }),
      reset,
    },
    listen: async (address) => {
      await faults.step(`${definition.name}.process.start`)
      running.twin = await build()
      running.served = await serve(() => running.twin, address)
      return running.served
    },
  }
}

/** What the flags could name: a file of the twin's configuration is needed again, wherever it lies. */
function pathsIn(flags: FlagValues): string[] {
  return Object.values(flags).filter((value) => typeof value === 'string')
}

/** Arms faults before the twin is built. */
export async function armAtStart(faults: Faults, wanted: unknown): Promise<readonly Fault[]> {
  const { readFaults } = await import('./faults/read-fault.ts')
  return faults.arm(readFaults(wanted, faults.points))
}
