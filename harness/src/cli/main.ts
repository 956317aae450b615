#!/usr/bin/env node
/**
 * The `squall` command. Results go to standard output, progress and errors to standard error, one line per error.
 * Exit codes: 0 pass, 1 fail, 2 unknown, 3 broken harness or wrong usage.
 */
import { stripVTControlCharacters } from 'node:util'
import { type ArgsDef, type CommandDef, defineCommand, renderUsage, runCommand } from 'citty'
import { codeOf, messageOf } from '../support/errors.ts'
import { doctor } from './doctor.ts'
import { down } from './down.ts'
import { type ExitCode, exitCode } from './exit-code.ts'
import { heal } from './heal.ts'
import { replay } from './replay.ts'
import { run } from './run.ts'
import { refuseUnknownArgs } from './strict-args.ts'
import { up } from './up.ts'
import { UsageError } from './usage-error.ts'

const commands = { doctor, up, down, run, replay, heal } as unknown as Readonly<Record<string, CommandDef>>

const squall = defineCommand({
  meta: {
    name: 'squall',
    description: 'Break generative-media backends on purpose and judge what their clients do',
  },
  subCommands: { ...commands },
})

process.exitCode = await main(process.argv.slice(2))

async function main(argv: readonly string[]): Promise<ExitCode> {
  const [name = '', ...rest] = argv
  try {
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined
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
