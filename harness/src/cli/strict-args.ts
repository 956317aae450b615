/** citty takes any flag it is given and says nothing about one it does not know. A misspelt `--seed` must be refused. */
import type { ArgsDef } from 'citty'
import { UsageError } from './usage-error.ts'

/** @throws UsageError for a flag that is not defined, a flag without its value, and words too many. */
export function refuseUnknownArgs(rawArgs: readonly string[], defined: ArgsDef, command: string): void {
  const names = new Map(
    Object.entries(defined).flatMap(([name, of]) => [name, ...aliasesOf(of)].map((key) => [key, of])),
  )
  const positionals = Object.values(defined).filter((of) => of.type === 'positional').length
  let words = 0
  for (let index = 0; index < rawArgs.length; index++) {
    const arg = rawArgs[index] ?? ''
    if (!arg.startsWith('-')) {
      words += 1
      if (words > positionals)
        throw new UsageError(`Cannot run ${command}: "${arg}" is one word too many; see --help`)
      continue
    }
    const [flag = '', value] = arg.replace(/^--?/, '').split('=', 2)
    const of = names.get(flag) ?? names.get(flag.replace(/^no-/, ''))
    if (of === undefined) throw new UsageError(`Cannot run ${command}: ${arg} is unknown; see --help`)
    if (of.type === 'boolean' || value !== undefined) continue
    const next = rawArgs[++index]
    if (next === undefined || next.startsWith('--')) {
      throw new UsageError(`Cannot run ${command}: ${arg} needs a value; see --help`)
    }
  }
}

function aliasesOf(of: ArgsDef[string]): string[] {
  const alias = 'alias' in of ? of.alias : undefined
  return alias === undefined ? [] : [alias].flat()
}

/** A whole number from a flag. @throws UsageError */
export function integerFlag(
  name: string,
  text: string,
  range: { readonly min: number; readonly max: number },
): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < range.min || value > range.max) {
    throw new UsageError(
      `Cannot use --${name} ${text}: it takes a whole number from ${range.min} to ${range.max}`,
    )
  }
  return value
}

/** A number above 0 from a flag. @throws UsageError */
export function positiveFlag(name: string, text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) {
    throw new UsageError(`Cannot use --${name} ${text}: it takes a number above 0`)
  }
  return value
}

/** One of several words from a flag. @throws UsageError */
export function choiceFlag<T extends string>(name: string, text: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text)
  if (found === undefined)
    throw new UsageError(`Cannot use ${name} ${text}: it takes one of ${choices.join(', ')}`)
  return found
}
