/**
 * A twin as a program: flags, ports, ready line, journal on stdout, signals.
 * Exit codes: 0 after SIGTERM or SIGINT, 2 for a bad flag or a busy port (one line on stderr).
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { resolve } from 'node:path'
import { openControlToken } from './control/control-token.ts'
import { serveControl } from './control/serve-control.ts'
import { TwinError } from './errors.ts'
import { pointsTable } from './faults/points-table.ts'
import { readFlags, type Settings } from './flags.ts'
import { allPoints, armAtStart, hostTwin } from './host-twin.ts'
import { stdoutLines } from './journal.ts'
import type { TwinDefinition, TwinProgram } from './twin.ts'

/** Runs a twin until a signal ends the process. Returns once the twin listens and the ready line is out. */
export async function runTwin<Point extends string = string>(program: TwinProgram<Point>): Promise<void> {
  try {
    const settings = await readFlags({
      name: program.name,
      defaultPort: program.defaultPort,
      definitions: program.flags ?? {},
      argv: process.argv.slice(2),
    })
    if ('flags' in settings) refuseStrayJson(settings)
    if ('help' in settings) process.stdout.write(`${settings.help}\n`)
    else if (settings.flags['points'] === true) process.stdout.write(`${pointsTable(allPoints(program))}\n`)
    else if (settings.flags['check'] === true) process.exitCode = await checkItself(program, settings)
    else await listenUntilSignal(program, settings)
  } catch (error) {
    if (!(error instanceof TwinError)) throw error
    process.stderr.write(`twin-${program.name}: ${error.message}\n`)
    process.exit(2)
  }
}

/** Standard output is JSON lines anyway; whoever writes `--json` alone wants something else. */
function refuseStrayJson({ flags }: Settings): void {
  if (flags['json'] !== true || flags['check'] === true) return
  throw new TwinError('bad-flag', 'Cannot read the flags: --json is about --check; give both or none')
}

/** The program starts itself as a child, with the caller's flags but on a port and in a folder of its own. */
async function checkItself(program: TwinProgram, { flags, port }: Settings): Promise<number> {
  if (program.selfCheck === undefined) {
    throw new TwinError(
      'bad-flag',
      `Cannot check ${program.name}: it has no self-check; start it without --check`,
    )
  }
  const [check, { runSelfCheck }, { flagsForChild }] = await Promise.all([
    program.selfCheck(),
    import('./self-check/run-self-check.ts'),
    import('./self-check/flags-for-child.ts'),
  ])
  const [, main = '', ...argv] = process.argv
  const child = flagsForChild(argv, port)
  const subject = { name: program.name, main, check, ...child }
  return runSelfCheck(subject, flags['json'] === true)
}

async function listenUntilSignal(program: TwinDefinition, settings: Settings): Promise<void> {
  const dataFolder = resolve(settings.dataFolder)
  mkdirSync(dataFolder, { recursive: true })
  const { token, file } = openControlToken(dataFolder, process.env)
  const writeLine = stdoutLines()
  const { seed, timeScale, flags } = settings
  const hosted = hostTwin(program, { seed, timeScale, dataFolder, flags, onLine: writeLine, crash: die })
  if (settings.faultsFile !== undefined) await armAtStart(hosted.faults, readFaultsFile(settings.faultsFile))
  // The real servers end sockets without close frames when they are told to stop; so exit, do not drain.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      hosted.stop()
      process.exit(0)
    })
  }
  // Before the twin is built, so that a fault at its start can be healed.
  const control = await serveControl(hosted.control, { ...settings.control, token })
  const { url } = await hosted.listen(settings)
  writeLine({ ready: true, url, control: control.url, ...(file === undefined ? {} : { tokenFile: file }) })
  // Twins usually die by SIGKILL, which would lose the compile cache; it halves the next start-up.
  flushCompileCache()
}

/** 128 + 9: how a shell and an engine tell of SIGKILL. */
const killedExitCode = 137

/** Journal lines are out already: standard output is written at once. */
function die(exitCode?: number): void {
  if (exitCode === undefined) process.kill(process.pid, 'SIGKILL')
  // As the first process of a container it survives its own SIGKILL; then it leaves with the code of one.
  process.exit(exitCode ?? killedExitCode)
}

function readFaultsFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown
  } catch (error) {
    const state = error instanceof Error ? error.message : String(error)
    throw new TwinError(
      'bad-flag',
      `Cannot read the flags: --faults: ${state}; give a file with a JSON list of faults`,
    )
  }
}
