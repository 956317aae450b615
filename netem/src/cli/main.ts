#!/usr/bin/env node
/**
 * The `netem` command: impairs the network of a container that the user names. The result goes to standard output,
 * progress and errors to standard error, one line per error. Exit codes are in its `--help`.
 */
import type { Receipt } from '../agent/receipt.ts'
import { messageOf, NetemError } from '../errors.ts'
import { parseArguments, usage } from './arguments.ts'
import { impair, type Outcome } from './impair.ts'

const exitCode = { healed: 0, unknown: 2, refused: 3 } as const

process.exitCode = await main(process.argv.slice(2))

async function main(argv: readonly string[]): Promise<number> {
  try {
    const args = parseArguments(argv)
    if (args === 'help') {
      process.stdout.write(usage)
      return exitCode.healed
    }
    const tell = args.json ? () => undefined : say
    const forText =
      args.forMs === undefined ? 'until Ctrl-C' : `for ${args.forMs / 1000} s; Ctrl-C heals at once`
    const applied = (receipt: Receipt): void => {
      if (args.json) printJson({ ...receipt, event: 'applied' })
      tell(
        `${args.container}, ${receipt.device}: ${receipt.impairments.join(', ')}; ${receipt.rung} rung, ${forText}`,
      )
    }
    const outcome = await impair(args, { progress: tell, applied }, interrupted())
    if (args.json) printJson({ ...outcome.receipt, event: 'ended', reason: outcome.ending })
    else process.stdout.write(`${summary(outcome)}\n`)
    const hasStruck = (outcome.receipt?.after.seen ?? 0) > 0
    return hasStruck && outcome.ending !== 'the container stopped' ? exitCode.healed : exitCode.unknown
  } catch (error) {
    if (!(error instanceof NetemError)) throw error
    say(messageOf(error))
    return exitCode.refused
  }
}

/** Ctrl-C, and what a runner sends. A second one is not waited for. */
function interrupted(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => controller.abort())
  return controller.signal
}

function summary({ ending, receipt }: Outcome): string {
  if (receipt === undefined) return `netem: healed, ${ending}; the agent left no receipt`
  const { seen, delayed, lost, duplicated, corrupted, reordered, overLimit } = receipt.after
  const counted = { seen, delayed, lost, duplicated, corrupted, reordered, 'over the limit': overLimit }
  const text = Object.entries(counted).flatMap(([name, count]) =>
    (count ?? 0) > 0 ? [`${count} ${name}`] : [],
  )
  const packets = text.length === 0 ? 'it struck no packet' : `packets: ${text.join(', ')}`
  const { packets: late = 0, maxMs, boundMs } = receipt.late ?? {}
  const lateness = late === 0 ? '' : `; ${late} were handed back over ${boundMs} ms late, at most ${maxMs} ms`
  return `netem: healed, ${ending}; ${packets}${lateness}`
}

function printJson(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`)
}

function say(line: string): void {
  process.stderr.write(`netem: ${line}\n`)
}
