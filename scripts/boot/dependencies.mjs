/**
 * `pnpm install --frozen-lockfile`, only when the lockfile is not the one that was installed last. The mark is a
 * file inside `node_modules`: who removes the folder removes the mark.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { explainInstallFailure } from './install-failure.mjs'
import { withLock } from './lock.mjs'
import { say } from './say.mjs'
import { ensurePnpm } from './toolchain.mjs'

const inputs = ['pnpm-lock.yaml', 'pnpm-workspace.yaml']

/** Hash of all that decides what is installed. @param {string} root */
export function dependencyHash(root) {
  const hash = createHash('sha256')
  for (const name of inputs) {
    const file = path.join(root, name)
    hash.update(`${name}\0`).update(existsSync(file) ? readFileSync(file) : '')
  }
  return hash.digest('hex')
}

/** Path of the mark. @param {string} root */
export function markFile(root) {
  return path.join(root, 'node_modules/.squall-installed')
}

/**
 * @param {import('./toolchain.mjs').Site} site
 * @param {string} node path of Node >= 24
 * @throws {import('./say.mjs').BootError}
 */
export async function ensureDependencies(site, node) {
  const { root } = site
  const wanted = dependencyHash(root)
  if (installed(root) === wanted) return
  const [file, ...first] = await ensurePnpm(site, node)
  await withLock(path.join(root, '.toolchain/boot.lock'), 'installing its tools', async () => {
    const before = installed(root)
    if (before === wanted) return
    const why = before === undefined ? 'node_modules is missing or not complete' : 'the lockfile has changed'
    say(`installing the dependencies, because ${why}`)
    const result = await site.family.run(
      file,
      [...first, 'install', '--frozen-lockfile', '--prefer-offline'],
      {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
        // CI: pnpm must not ask questions. PATH: its shim looks for `node`.
        env: {
          ...process.env,
          CI: 'true',
          PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ''}`,
        },
      },
    )
    if (result.code !== 0) throw explainInstallFailure('install the dependencies', result.output)
    const draft = `${markFile(root)}.${process.pid}`
    writeFileSync(draft, wanted)
    renameSync(draft, markFile(root))
  })
}

/** @param {string} root */
function installed(root) {
  const file = markFile(root)
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}
