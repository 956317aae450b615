/**
 * Command line of a twin. citty describes and prints the flags; unknown flags are refused here, because citty
 * lets them pass and a typo must not silently start a twin with defaults.
 */
import type { ArgsDef } from 'citty'
import { TwinError } from './errors.ts'

/** One flag. Booleans default to false, strings to `default` or undefined. */
export type FlagDefinition = {
  readonly type: 'string' | 'boolean'
  readonly description: string
  readonly default?: string | boolean
  readonly valueHint?: string
}

/** Flags by kebab-case name, without the dashes. */
export type FlagDefinitions = Readonly<Record<string, FlagDefinition>>

/** Values by the same names. */
export type FlagValues = Readonly<Record<string, string | boolean | undefined>>

/** The common flags, converted. */
export type Settings = {
  readonly host: string
  readonly port: number
  readonly dataFolder: string
  readonly seed: number
  readonly timeScale: number
  readonly control: { readonly host: string; readonly port: number }
  readonly faultsFile: string | undefined
  readonly flags: FlagValues
}

function commonFlags(name: string, defaultPort: number): FlagDefinitions {
  return {
    host: { type: 'string', description: 'address to listen on', default: '127.0.0.1' },
    port: {
      type: 'string',
      description: 'port to listen on, 0 = any free one',
      default: String(defaultPort),
    },
    'data-folder': {
      type: 'string',
      description: 'folder that survives restarts',
      default: `.squall/twin-${name}`,
    },
    seed: { type: 'string', description: 'base of all chance', default: '1' },
    'time-scale': { type: 'string', description: 'factor on simulated durations', default: '1' },
    faults: { type: 'string', description: 'file with faults to begin with, a JSON list', valueHint: 'file' },
    'control-host': { type: 'string', description: 'address of the control port', default: '127.0.0.1' },
    'control-port': {
      type: 'string',
      description: 'port to arm faults and read the journal, 0 = any free one; asks for a token',
      default: '0',
    },
    points: { type: 'boolean', description: 'print the fault points as a table and exit' },
    check: { type: 'boolean', description: 'check this twin in eight steps and exit' },
    json: { type: 'boolean', description: 'with --check: one JSON object' },
    help: { type: 'boolean', description: 'print the flags and exit' },
  }
}

/**
 * Parses `argv` (without node and script). Returns the settings, or the help text if `--help` is given.
 * Throws TwinError `bad-flag` for an unknown flag, a stray argument or a value that is not a number.
 */
export async function readFlags(options: {
  readonly name: string
  readonly defaultPort: number
  readonly definitions: FlagDefinitions
  readonly argv: readonly string[]
}): Promise<Settings | { readonly help: string }> {
  const definitions = { ...commonFlags(options.name, options.defaultPort), ...options.definitions }
  const citty = await import('citty')
  const parsed = citty.parseArgs([...options.argv], definitions as ArgsDef)
  if (parsed['help'] === true) {
    const command = citty.defineCommand({
      meta: { name: `twin-${options.name}`, description: `Faithful mock of ${options.name}` },
      args: definitions as ArgsDef,
    })
    return { help: await citty.renderUsage(command) }
  }
  refuseUnknown(parsed, definitions)
  const flags: Record<string, string | boolean | undefined> = {}
  for (const name of Object.keys(definitions)) flags[name] = parsed[name] as string | boolean | undefined
  return {
    host: String(flags['host']),
    port: numberFlag('port', flags['port'], 0, 65_535),
    dataFolder: String(flags['data-folder']),
    seed: numberFlag('seed', flags['seed'], 0, Number.MAX_SAFE_INTEGER),
    timeScale: numberFlag('time-scale', flags['time-scale'], 0, 1000, false),
    control: {
      host: String(flags['control-host']),
      port: numberFlag('control-port', flags['control-port'], 0, 65_535),
    },
    faultsFile: typeof flags['faults'] === 'string' ? flags['faults'] : undefined,
    flags,
  }
}

function refuseUnknown(parsed: Readonly<Record<string, unknown>>, definitions: FlagDefinitions): void {
  const known = new Set(Object.keys(definitions).flatMap((name) => [name, camelCase(name)]))
  const stray = (parsed['_'] as readonly string[])[0]
  const unknown = Object.keys(parsed).find((name) => name !== '_' && !known.has(name))
  if (unknown !== undefined) {
    throw new TwinError('bad-flag', `Cannot read the flags: --${unknown} is unknown; see --help`)
  }
  if (stray !== undefined) {
    throw new TwinError('bad-flag', `Cannot read the flags: '${stray}' is not a flag; see --help`)
  }
}

function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}

function numberFlag(
  name: string,
  value: string | boolean | undefined,
  min: number,
  max: number,
  whole = true,
): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN
  if (!(number >= min && number <= max) || (whole && !Number.isInteger(number))) {
    const kind = whole ? 'a whole number' : 'a number'
    throw new TwinError(
      'bad-flag',
      `Cannot read the flags: --${name} is '${value}'; give ${kind} from ${min} to ${max}`,
    )
  }
  return number
}
