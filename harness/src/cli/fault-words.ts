/** What may stand for the fault on the command line: every kind by its name, and short words for the network. */
import { isPreset } from '@squall/netem'
import type { ArgsDef } from 'citty'
import { faultCatalog } from '../faults/catalog.ts'
import type { FaultKind } from '../spec/fault-plan.ts'
import { faultFlags, faultFromFlags } from './fault-flags.ts'
import { directionFlag, networkText, networkWords } from './network-words.ts'
import { choiceFlag } from './strict-args.ts'
import { UsageError } from './usage-error.ts'

export type FaultWord = {
  readonly kind: FaultKind
  readonly summary: string
  readonly args: ArgsDef
  /** The fault, for the schema to check. @throws UsageError */
  readonly fault: (flags: Readonly<Record<string, unknown>>) => unknown
}

const kinds = Object.keys(faultCatalog) as FaultKind[]

/** @throws UsageError for a word that is none. */
export function faultWord(name: string): FaultWord {
  const word = networkWords[name]
  if (word === undefined)
    return kindWord(choiceFlag('fault', name, [...kinds, ...Object.keys(networkWords)] as FaultKind[]))
  return {
    kind: 'network',
    summary: `${word.summary} (of kind network)`,
    args: { ...word.flags, ...directionFlag },
    fault: (flags) => ({ kind: 'network', impair: networkText(word, flags) }),
  }
}

/** A line for each, for `--help`. */
export function faultWordLines(): string[] {
  const line = ([name, { summary }]: [string, { readonly summary: string }]): string =>
    `  ${name.padEnd(13)} ${summary}`
  return [
    ...Object.entries(faultCatalog).map(line),
    '',
    'Short for the most common kinds of network:',
    ...Object.entries(networkWords).map(line),
  ]
}

function kindWord(kind: FaultKind): FaultWord {
  const { summary } = faultCatalog[kind]
  if (kind === 'network') return { kind, summary, args: { ...faultFlags(kind), ...textArg }, fault: fromText }
  return { kind, summary, args: faultFlags(kind), fault: (flags) => faultFromFlags(kind, flags) }
}

const textArg = {
  text: {
    type: 'positional',
    description: `"delay 100ms loss 5%", as netem has it, or the name of a preset; instead of --impair`,
    required: false,
  },
} as const satisfies ArgsDef

function fromText(flags: Readonly<Record<string, unknown>>): unknown {
  const { text, impair = text } = flags
  if (typeof text === 'string' && impair !== text) {
    throw new UsageError(`Cannot use --impair and "${text}": say it in one of the two ways`)
  }
  const fault = faultFromFlags('network', { ...flags, impair })
  return typeof impair === 'string' && isPreset(impair) ? { ...fault, impair: { preset: impair } } : fault
}
