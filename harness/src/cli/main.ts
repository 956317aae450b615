#!/usr/bin/env node
/**
 * The `squall` command. Results go to standard output, progress and errors to standard error, one line per error.
 * Exit codes: 0 pass, 1 fail, 2 unknown, 3 broken harness or wrong usage.
 */
import { type ArgsDef, type CommandDef, defineCommand, renderUsage, runCommand } from 'citty'
import { codeOf, messageOf } from '../support/errors.ts'
import { doctor } from './doctor.ts'
import { type ExitCode, exitCode } from './exit-code.ts'
import { replay } from './replay.ts'
import { run } from './run.ts'
import { refuseUnknownArgs } from './strict-args.ts'
import { UsageError } from './usage-error.ts'

const commands = { doctor, run, replay } as unknown as Readonly<Record<string, CommandDef<ArgsDef>>>

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
      process.stdout.write(`${await renderUsage(squall)}\n`)
      return name === '' ? exitCode.broken : exitCode.pass
    }
    if (command === undefined) {
      throw new UsageError(
        `Cannot run "${name}": unknown command; use one of ${Object.keys(commands).join(', ')}`,
      )
    }
    if (rest.includes('--help') || rest.includes('-h')) {
      process.stdout.write(`${await renderUsage(command, squall)}\n`)
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

/** Errors of the world in one line; our own bugs with their stack, because somebody must find them. */
function describe(error: unknown): string {
  if (codeOf(error) !== undefined || error instanceof AggregateError) return messageOf(error)
  return error instanceof Error && error.name !== 'CLIError'
    ? (error.stack ?? error.message)
    : messageOf(error)
}
