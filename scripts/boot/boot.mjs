/**
 * The steps of a start in order: what to run, Node, dependencies, engine, hand-over. Each step is silent when
 * there is nothing to do. Nothing here touches the network on a warm start.
 */
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { codeOf, createFamily } from './child.mjs'
import { helpWithoutName, resolveCommand } from './commands.mjs'
import { ensureDependencies } from './dependencies.mjs'
import { ensureEngine } from './engine.mjs'
import { explainInstallFailure } from './install-failure.mjs'
import { BootError, tail } from './say.mjs'
import { watchStarters } from './starters.mjs'
import { ensureNode, toolchainBin } from './toolchain.mjs'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')

/** Exit code of trouble before the inner program runs: the harness is broken, nothing was judged. */
const brokenCode = 3

/**
 * Runs one command and ends the process with its exit code.
 * @param {string[]} argv command and its arguments
 */
export async function boot(argv) {
  const family = createFamily()
  watchStarters(() => family.end())
  try {
    process.exitCode = await run(argv, family)
  } catch (error) {
    if (family.stoppedBy !== undefined) {
      process.exitCode = codeOf(family.stoppedBy)
      return
    }
    const trouble = toBootError(error)
    if (trouble.log !== undefined) process.stderr.write(`${tail(trouble.log, 40)}\n`)
    process.stderr.write(`squall: ${trouble.message}\n`)
    process.exitCode = brokenCode
  }
}

/**
 * @param {string[]} argv
 * @param {import('./child.mjs').Family} family
 */
async function run(argv, family) {
  const site = { root, family }
  const help = helpWithoutName(root, argv)
  if (help !== undefined) {
    console.log(help)
    return 0
  }
  const { script, args, needsEngine } = resolveCommand(root, argv)
  const node = await ensureNode(site)
  await ensureDependencies(site, node)
  const engine = needsEngine ? await ensureEngine(site) : {}
  const preload = pathToFileURL(path.join(root, 'scripts/boot/preload.mjs')).href
  const { code } = await family.run(node, ['--import', preload, path.join(root, script), ...args], {
    stdio: 'inherit',
    // Our own scripts write to reports/; the others get paths from the user.
    ...(script.startsWith('scripts/') && { cwd: root }),
    env: {
      ...process.env,
      ...engine,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? path.join(root, '.cache/node-compile'),
      PATH: [path.dirname(node), toolchainBin(root), process.env.PATH ?? ''].join(path.delimiter),
      SQUALL_BOOT: String(process.pid),
    },
  })
  return code
}

/** @param {unknown} error */
function toBootError(error) {
  if (error instanceof BootError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (/^(ENOSPC|EROFS|EACCES|EPERM)$/.test(code)) {
    const explained = explainInstallFailure(`set up in ${root}`, code)
    return new BootError(explained.code, explained.message)
  }
  return new BootError(
    'internal',
    'Cannot start: boot itself failed; report the trace above.',
    error instanceof Error ? error.stack : String(error),
  )
}
