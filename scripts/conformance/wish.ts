/** The command line of `conformance`, checked completely before anything is started. */
import { parseArgs } from 'node:util'

export const usage = `Usage: npm run -s conformance -- [options]

  --url URL              a running server; without it a fresh twin of each service is started
  --service NAME         only this service; with --url: do not probe, it is this one
  --case TEXT            only cases whose name contains TEXT
  --allow-destructive    with --url: also cases that clutter, empty or interrupt the server
  --list                 name the cases and what each needs; run nothing
  --json                 one JSON object instead of lines
  --help                 this text

Keys are taken from the environment only: LITELLM_MASTER_KEY for litellm, OPENAI_API_KEY for openai.
Ends with 0 if nothing undocumented failed, 1 if something did, 2 if nothing could be said (server not reachable,
not recognised, or every case skipped), 3 for a bad command line.`

/** What is wanted. */
export type Wish = {
  readonly url: string | undefined
  readonly service: string | undefined
  readonly part: string | undefined
  readonly mayHarm: boolean
  readonly list: boolean
  readonly json: boolean
  readonly help: boolean
}

/** A command line that cannot be followed. */
export class BadWish extends Error {
  readonly code = 'bad-command-line'
}

/** @throws BadWish */
export function readWish(args: readonly string[], services: readonly string[]): Wish {
  // pnpm passes on the `--` that npm takes away.
  const { url, service, ...flags } = parsed(args[0] === '--' ? args.slice(1) : args)
  if (service !== undefined && !services.includes(service)) {
    throw new BadWish(
      `Cannot run conformance: service "${service}" is unknown; use one of: ${services.join(', ')}`,
    )
  }
  if (flags['allow-destructive'] && url === undefined) {
    throw new BadWish('Cannot run conformance: --allow-destructive is about a server; give --url too')
  }
  return {
    url: url === undefined ? undefined : serverUrl(url),
    service,
    part: flags.case,
    mayHarm: flags['allow-destructive'],
    list: flags.list,
    json: flags.json,
    help: flags.help,
  }
}

function parsed(args: readonly string[]) {
  const flag = { type: 'boolean', default: false } as const
  const text = { type: 'string' } as const
  const options = {
    url: text,
    service: text,
    case: text,
    'allow-destructive': flag,
    list: flag,
    json: flag,
    help: { ...flag, short: 'h' },
  } as const
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false }).values
  } catch (error) {
    const state = error instanceof Error ? error.message.split('. ')[0] : String(error)
    throw new BadWish(`Cannot run conformance: ${state}; see --help`)
  }
}

/** Without a slash at the end. A key in the address would end up in logs. */
function serverUrl(text: string): string {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new BadWish(`Cannot run conformance: --url is "${text}"; give http://host:port`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new BadWish('Cannot run conformance: --url holds a user or password; give keys by the environment')
  }
  return url.href.replace(/\/$/, '')
}
