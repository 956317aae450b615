/**
 * Installs Docker from the distribution (root on Debian or Ubuntu) and starts its daemon. The daemon is meant to
 * survive the run: it is a service of the machine, not of ours, and the next run finds it.
 */
import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { sleep } from './clock.mjs'
import { explainInstallFailure } from './install-failure.mjs'
import { inspect } from './processes.mjs'
import { BootError, say, tail } from './say.mjs'

/** A cold daemon on two slow cores needs about 3 s; loading many old containers takes longer. */
const readyMsMax = 60_000

/**
 * @typedef {object} Machine what the engine step must know of this computer
 * @property {boolean} isRoot
 * @property {boolean} hasApt Debian or Ubuntu
 * @property {boolean} hasSystemd
 * @property {readonly string[]} sockets where an engine may answer
 * @property {string} socket where the daemon that we start will answer
 * @property {readonly [string, string][]} pidFiles file and the program whose id it holds
 * @property {readonly string[]} searchPath folders of programs
 */

/** @param {Machine} machine @param {string} program */
export function findProgram(machine, program) {
  return machine.searchPath.map((folder) => path.join(folder, program)).find((file) => existsSync(file))
}

/**
 * `apt-get install docker.io`. Without the recommended packages, but with those it cannot do without: iptables,
 * certificates for pulling, and the cgroup mounts where the machine has none.
 * @param {import('./toolchain.mjs').Site} site
 * @param {Machine} machine
 */
export async function installDocker(site, machine) {
  const packages = ['docker.io', 'iptables', 'ca-certificates', ...(hasCgroups() ? [] : ['cgroupfs-mount'])]
  const env = {
    ...process.env,
    DEBIAN_FRONTEND: 'noninteractive',
    PATH: machine.searchPath.join(path.delimiter),
  }
  /** @param {string[]} args */
  const apt = (args) =>
    site.family.run('apt-get', ['-q', '-y', '-o', 'DPkg::Lock::Timeout=300', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
    })
  const install = () => apt(['install', '--no-install-recommends', ...packages])
  let result = await install()
  if (result.code !== 0) {
    // The package lists are missing or out of date.
    const update = await apt(['update'])
    result = update.code === 0 ? await install() : update
  }
  if (result.code !== 0) throw explainInstallFailure('install docker.io with apt-get', result.output)
}

/**
 * Starts the daemon and waits until it answers.
 * @param {import('./toolchain.mjs').Site} site
 * @param {Machine} machine
 * @param {() => Promise<boolean>} answers
 * @throws {BootError} code `dockerd-failed`, with the end of its log
 */
export async function startDockerd(site, machine, answers) {
  const env = { ...process.env, PATH: machine.searchPath.join(path.delimiter) }
  /** @type {import('node:child_process').SpawnOptions} */
  const quiet = { stdio: ['ignore', 'pipe', 'pipe'], env }
  if (machine.hasSystemd) {
    say('starting the docker service, because no container engine answers')
    const { code, output } = await site.family.run('systemctl', ['start', 'docker'], quiet)
    if (code !== 0) throw failed('systemctl start docker failed', output)
    await waitUntil(answers, () => undefined)
    return
  }
  if (removeStalePidFiles(machine)) {
    say('waiting for the dockerd that is just starting')
    await waitUntil(answers, () => undefined)
    return
  }
  if (!hasCgroups() && findProgram(machine, 'cgroupfs-mount'))
    await site.family.run('cgroupfs-mount', [], quiet)
  const log = path.join(site.root, '.toolchain/dockerd.log')
  say('starting dockerd (log: .toolchain/dockerd.log), because no container engine answers')
  mkdirSync(path.dirname(log), { recursive: true })
  const descriptor = openSync(log, 'w')
  const daemon = spawn('dockerd', [], {
    stdio: ['ignore', descriptor, descriptor],
    detached: true,
    cwd: '/',
    env,
  })
  closeSync(descriptor)
  /** @type {{ end: string | undefined }} */
  const state = { end: undefined }
  daemon.on('error', (error) => {
    state.end = error.message
  })
  daemon.on('exit', (code, signal) => {
    state.end = `dockerd ended with ${signal ?? code}`
  })
  daemon.unref()
  await waitUntil(
    answers,
    () => state.end,
    () => readFileSync(log, 'utf8'),
  )
}

/**
 * @param {() => Promise<boolean>} answers
 * @param {() => string | undefined} ended
 * @param {() => string} [readLog]
 */
async function waitUntil(answers, ended, readLog = () => '') {
  const since = Date.now()
  while (!(await answers())) {
    const end = ended()
    if (end !== undefined) throw failed(end, readLog())
    if (Date.now() - since > readyMsMax)
      throw failed(`it does not answer within ${readyMsMax / 1_000} s`, readLog())
    await sleep(100)
  }
}

/** @param {string} state @param {string} log */
function failed(state, log) {
  const shown = log === '' ? undefined : tail(log)
  return new BootError(
    'dockerd-failed',
    `Cannot start the Docker daemon: ${state}; see its log, or set SQUALL_ENGINE=process.`,
    shown,
  )
}

/**
 * A pid file that was left by a crash or came with a disk image may name a process that is somebody else by now;
 * dockerd then refuses to start, or waits for a containerd that is none.
 * @param {Machine} machine
 * @returns {boolean} true if a daemon is alive and on its way
 */
function removeStalePidFiles(machine) {
  let alive = false
  for (const [file, program] of machine.pidFiles) {
    if (!existsSync(file)) continue
    if (inspect(Number(readFileSync(file, 'utf8').trim()))?.name === program) alive ||= program === 'dockerd'
    else rmSync(file, { force: true })
  }
  return alive
}

function hasCgroups() {
  return existsSync('/proc/mounts') && /^cgroup2? /m.test(readFileSync('/proc/mounts', 'utf8'))
}
