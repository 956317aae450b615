/**
 * What boot can start, and whether it needs a container engine first. One table; the npm scripts in
 * package.json name its keys.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { BootError } from './say.mjs'

/** Sub-commands of `squall` that start containers. The others only look, so boot installs nothing for them. */
const squallStarts = new Set(['up', 'run'])

/**
 * @typedef {{ script: string, args: string[], needsEngine: boolean }} Invocation
 *   script: path relative to the root; args: passed on as they are
 * @typedef {(root: string, args: string[]) => Invocation} Resolve
 */

/** @type {Readonly<Record<string, Resolve>>} */
const commands = {
  start: (_root, args) => ({ script: 'scripts/start.ts', args, needsEngine: !asksForHelp(args) }),
  test: (_root, args) => ({
    script: 'scripts/test.ts',
    args,
    needsEngine: !unitOnly(args) && !asksForHelp(args),
  }),
  check: (_root, args) => ({ script: 'scripts/check.ts', args, needsEngine: false }),
  report: (_root, args) => ({ script: 'scripts/write-report.ts', args, needsEngine: false }),
  'fault-points': (_root, args) => ({ script: 'scripts/fault-points.ts', args, needsEngine: false }),
  squall: (_root, args) => ({
    script: 'harness/src/cli/main.ts',
    args,
    needsEngine: squallStarts.has(args[0] ?? '') && !asksForHelp(args),
  }),
  bench: (root, args) => named(root, args, 'bench', benches(root), (name) => `bench/${name}.ts`, true),
  bundle: (_root, args) => ({ script: 'scripts/bundle.ts', args, needsEngine: false }),
  conformance: (_root, args) => ({ script: 'scripts/conformance.ts', args, needsEngine: false }),
  netem: (_root, args) => ({ script: 'netem/src/cli/main.ts', args, needsEngine: false }),
  twin: (root, args) => named(root, args, 'twin', twins(root), (name) => `mocks/${name}/src/main.ts`, false),
}

/**
 * @param {string} root folder of the repository
 * @param {readonly string[]} argv command and its arguments
 * @returns {Invocation}
 * @throws {BootError} code `unknown-command` or `missing-script`
 */
export function resolveCommand(root, argv) {
  const [command = '', ...args] = argv
  const resolve = Object.hasOwn(commands, command) ? commands[command] : undefined
  if (resolve === undefined) {
    const state = command === '' ? 'no command was given' : `"${command}" is unknown`
    throw new BootError(
      'unknown-command',
      `Cannot start: ${state}; use one of: ${Object.keys(commands).join(', ')}.`,
    )
  }
  const invocation = resolve(root, args)
  if (!existsSync(path.join(root, invocation.script))) {
    throw new BootError(
      'missing-script',
      `Cannot run ${command}: ${invocation.script} is missing; get a complete copy of the repository.`,
    )
  }
  return invocation
}

/**
 * What `--help` says where it cannot be passed on, because no program was chosen yet; undefined otherwise.
 * @param {string} root
 * @param {readonly string[]} argv command and its arguments
 */
export function helpWithoutName(root, [command = '', ...args]) {
  const names = command === 'twin' ? twins(root) : command === 'bench' ? benches(root) : undefined
  if (names === undefined || !/^(--help|-h)$/.test(args[0] ?? '')) return undefined
  return `Usage: npm run -s ${command} -- NAME [options]\n  NAME     ${names.join(', ')}\n  options  npm run -s ${command} -- NAME --help`
}

/**
 * A command whose first argument picks a program from a folder.
 * @param {string} _root
 * @param {string[]} args
 * @param {string} command
 * @param {string[]} names
 * @param {(name: string) => string} scriptOf
 * @param {boolean} needsEngine
 * @returns {Invocation}
 */
function named(_root, args, command, names, scriptOf, needsEngine) {
  const [name = '', ...rest] = args
  if (names.includes(name)) {
    return { script: scriptOf(name), args: rest, needsEngine: needsEngine && !asksForHelp(rest) }
  }
  const state = name === '' ? 'no name was given' : `"${name}" is unknown`
  const choice = names.length === 0 ? 'there is none yet' : `use one of: ${names.join(', ')}`
  throw new BootError('unknown-command', `Cannot run ${command}: ${state}; ${choice}.`)
}

/** A program exports nothing; the files beside it that do are its parts. @param {string} root */
function benches(root) {
  const folder = path.join(root, 'bench')
  return entries(folder)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .filter((file) => !/^export /m.test(readFileSync(path.join(folder, file), 'utf8')))
    .map((file) => file.slice(0, -'.ts'.length))
}

/** @param {string} root */
function twins(root) {
  const folder = path.join(root, 'mocks')
  return entries(folder).filter((name) => existsSync(path.join(folder, name, 'src/main.ts')))
}

/** @param {string} folder */
function entries(folder) {
  return existsSync(folder) ? readdirSync(folder).sort() : []
}

/** @param {string[]} args */
function asksForHelp(args) {
  return args.includes('--help') || args.includes('-h')
}

/** True if every chosen project is `unit`, the one that needs no engine. @param {string[]} args */
function unitOnly(args) {
  const chosen = args.flatMap((arg, index) => {
    if (arg === '--project') return [args[index + 1] ?? '']
    return arg.startsWith('--project=') ? [arg.slice('--project='.length)] : []
  })
  return chosen.length > 0 && chosen.every((project) => project === 'unit')
}
