/** Harm to the life of a process: what each kind takes, with its limits. */
import { z } from 'zod'

/** What ends a program, or should. SIGSTOP freezes it and is healed by SIGCONT, which is why that one is not here. */
const signals = [
  'SIGKILL',
  'SIGTERM',
  'SIGINT',
  'SIGHUP',
  'SIGQUIT',
  'SIGABRT',
  'SIGSEGV',
  'SIGBUS',
  'SIGILL',
  'SIGFPE',
  'SIGTRAP',
  'SIGSYS',
  'SIGPIPE',
  'SIGALRM',
  'SIGUSR1',
  'SIGUSR2',
  'SIGSTOP',
] as const

const graceMs = z.number().nonnegative().max(600_000).default(10_000)

export const processFaultSchemas = [
  /** Ends the process with a signal; healing starts it again at the same address. */
  z.strictObject({ kind: z.literal('kill'), signal: z.enum(signals).default('SIGKILL') }),
  /** Asks the process to end (SIGTERM) and waits for the grace, then kills it; healing starts it again. */
  z.strictObject({ kind: z.literal('stop'), graceMs }),
  /** Stops it in the same way and starts it again by itself, after the delay. */
  z.strictObject({
    kind: z.literal('restart'),
    graceMs,
    delayMs: z.number().nonnegative().max(600_000).default(0),
  }),
  /** Freezes the process: connections stay open and silent. Healing thaws it. */
  z.strictObject({ kind: z.literal('pause') }),
  /** Kills it, lets it start and live for the interval, kills it again, and so on; the last time it is left alive. */
  z.strictObject({
    kind: z.literal('crash-loop'),
    times: z.int().min(2).max(1000),
    intervalMs: z.number().min(0).max(600_000),
  }),
] as const

/** How long a fault takes that ends by itself, at least; healing it earlier would undo what never was. */
export function ownDurationMs(fault: {
  readonly kind: string
  readonly delayMs?: number
  readonly times?: number
  readonly intervalMs?: number
}): number {
  if (fault.kind === 'restart') return fault.delayMs ?? 0
  if (fault.kind === 'crash-loop') return ((fault.times ?? 1) - 1) * (fault.intervalMs ?? 0)
  return 0
}
