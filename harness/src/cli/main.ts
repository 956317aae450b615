#!/usr/bin/env node
/**
 * The `squall` command. Results go to standard output, progress and errors to standard error, one line per error.
 * Exit codes: 0 pass, 1 fail, 2 unknown, 3 broken harness or wrong usage.
 */
import { stripVTControlCharacters } from 'node:util'
import { type ArgsDef, type CommandDef, defineCommand, renderUsage, runCommand } from 'citty'
import { codeOf, messageOf } from '../support/errors.ts'
import { type ExitCode, exitCode } from './exit-code.ts'
import { listenForFatal } from './fatal.ts'
import { refuseUnknownArgs } from './strict-args.ts'
import { UsageError } from './usage-error.ts'

/** Loaded when asked for: half of a second of container libraries must not stand before `replay` and `--help`. */
const commands: Readonly<Record<string, (rest?: readonly string[]) => Promise<CommandDef>>> = {
  doctor: async () => anyCommand((await import('./doctor.ts')).doctor),
  up: async () => anyCommand((await import('./up.ts')).up),
  down: async () => anyCommand((await import('./down.ts')).down),
  status: async () => anyCommand((await import('./status.ts')).status),
  inject: async (rest = []) => anyCommand((await import('./inject.ts')).injectCommand(rest)),
  heal: async () => anyCommand((await import('./heal.ts')).heal),
  run: async () => anyCommand((await import('./run.ts')).run),
  replay: async () => anyCommand((await import('./replay.ts')).replay),
}

/** Each command knows its own flags; here only their names matter. */
function anyCommand(command: unknown): CommandDef {
  return command as CommandDef
}

const squall = defineCommand({
  meta: {
    name: 'squall',
    description: 'Break generative-media backends on purpose and judge what their clients do',
  },
  subCommands: Object.fromEntries(Object.entries(commands).map(([word, load]) => [word, () => load()])),
})

const fatal = listenForFatal()
// Explicitly: a client under test may have left timers or sockets behind, which must not keep the command alive.
const code = await main(process.argv.slice(2))
fatal.done(code)
process.stdout.write('', () => process.stderr.write('', () => process.exit(code)))

async function main(argv: readonly string[]): Promise<ExitCode> {
  const [name = '', ...rest] = argv
  try {
    const command = Object.hasOwn(commands, name) ? await commands[name]?.(rest) : undefined
    if (name === '' || name === '--help' || name === '-h' || name === 'help') {
      await showUsage(squall)
      return name === '' ? exitCode.broken : exitCode.pass
    }
    if (command === undefined) {
      throw new UsageError(
        `Cannot run "${name}": unknown command; use one of ${Object.keys(commands).join(', ')}`,
      )
    }
    if (rest.includes('--help') || rest.includes('-h')) {
      await showUsage(command, squall)
      return exitCode.pass
    }
    refuseUnknownArgs(rest, command.args as ArgsDef, name)
    const { result } = await runCommand(command, { rawArgs: rest })
    return result as ExitCode
  } catch (error) {
    process.stderr.write(`squall: ${describe(error)}\n`)
    return exitCode.broken
  }
}

/** citty colours its help for everybody; a pipe gets plain text. */
async function showUsage(...of: Parameters<typeof renderUsage>): Promise<void> {
  const usage = await renderUsage(...of)
  process.stdout.write(`${process.stdout.isTTY ? usage : stripVTControlCharacters(usage)}\n`)
}

/** Errors of the world in one line; our own bugs with their stack, because somebody must find them. */
function describe(error: unknown): string {
  if (codeOf(error) !== undefined || error instanceof AggregateError) return messageOf(error)
  return error instanceof Error && error.name !== 'CLIError'
    ? (error.stack ?? error.message)
    : messageOf(error)
}
