/**
 * A twin as a program: flags, port, ready line, journal on stdout, signals.
 * Exit codes: 0 after SIGTERM or SIGINT, 2 for a bad flag or a busy port (one line on stderr).
 */
import { mkdirSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { resolve } from 'node:path'
import { createClock } from './clock.ts'
import { TwinError } from './errors.ts'
import { readFlags, type Settings } from './flags.ts'
import { createJournal, stdoutLines } from './journal.ts'
import { type Served, serve } from './serve.ts'
import type { TwinProgram } from './twin.ts'

/** Runs a twin until a signal ends the process. Returns once the twin listens and the ready line is out. */
export async function runTwin(program: TwinProgram): Promise<void> {
  try {
    const settings = await readFlags({
      name: program.name,
      defaultPort: program.defaultPort,
      definitions: program.flags ?? {},
      argv: process.argv.slice(2),
    })
    if ('help' in settings) process.stdout.write(`${settings.help}\n`)
    else await listenUntilSignal(program, settings)
  } catch (error) {
    if (!(error instanceof TwinError)) throw error
    process.stderr.write(`twin-${program.name}: ${error.message}\n`)
    process.exit(2)
  }
}

async function listenUntilSignal(program: TwinProgram, settings: Settings): Promise<void> {
  const dataFolder = resolve(settings.dataFolder)
  mkdirSync(dataFolder, { recursive: true })
  const writeLine = stdoutLines()
  const served: { by?: Served } = {}
  const twin = await program.create({
    journal: createJournal(writeLine),
    clock: createClock(settings.timeScale),
    seed: settings.seed,
    dataFolder,
    flags: settings.flags,
    url: () => urlOf(served.by),
  })
  // The real servers end sockets without close frames when they are told to stop; so exit, do not drain.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      twin.stop?.()
      process.exit(0)
    })
  }
  served.by = await serve(twin, settings)
  writeLine({ ready: true, url: served.by.url })
  // Twins usually die by SIGKILL, which would lose the compile cache; it halves the next start-up.
  flushCompileCache()
}

/** Address of a served twin; throws if the twin asks before it listens. */
export function urlOf(served: Served | undefined): string {
  if (served === undefined) {
    throw new TwinError('cannot-listen', 'Cannot tell the address: the twin does not listen yet; ask later')
  }
  return served.url
}
