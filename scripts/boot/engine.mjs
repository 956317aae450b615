/**
 * Makes sure of a container engine before the inner program runs. Order: what SQUALL_ENGINE says; the engine that
 * answers; Docker from the distribution, where we are root on Debian or Ubuntu; else the process engine, with one
 * line that says what is missing without containers. Only commands that start containers come here: `doctor`,
 * `heal`, `down` and `replay` look and install nothing.
 */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { findProgram, installDocker, startDockerd } from './dockerd.mjs'
import { probeEngine, usualSockets } from './engine-probe.mjs'
import { withLock } from './lock.mjs'
import { BootError, say } from './say.mjs'

/**
 * @param {import('./toolchain.mjs').Site} site
 * @param {import('./dockerd.mjs').Machine} [machine]
 * @param {NodeJS.ProcessEnv} [environment]
 * @returns {Promise<Record<string, string>>} variables for the inner program
 * @throws {BootError} code `no-engine` or `bad-engine-name`
 */
export async function ensureEngine(site, machine = thisMachine(), environment = process.env) {
  const named = environment.SQUALL_ENGINE ?? ''
  if (!['', 'docker', 'process'].includes(named)) {
    throw new BootError(
      'bad-engine-name',
      `Cannot use SQUALL_ENGINE=${named}: it is unknown; use docker or process.`,
    )
  }
  if (named === 'process') return {}
  const dockerHost = environment.DOCKER_HOST ?? ''
  const found = await probeEngine(dockerHost, machine.sockets)
  if (found.answers) return hostVariable(found.host)
  // A daemon of our own would not be where the user's DOCKER_HOST points.
  const trouble =
    dockerHost !== ''
      ? { reason: found.reason, advice: adviceFor(found.reason) }
      : await obtain(site, machine, found.reason)
  if (trouble === undefined) return {}
  if (named === 'docker') {
    throw new BootError('no-engine', `Cannot use Docker: ${trouble.reason}; ${trouble.advice}.`)
  }
  say(
    `running without containers, because ${trouble.reason}. Missing: the docker engine and with it the real LiteLLM. ` +
      `To have them: ${trouble.advice}.`,
  )
  return { SQUALL_ENGINE: 'process', SQUALL_ENGINE_REASON: trouble.reason }
}

/**
 * Installs and starts Docker where we may.
 * @param {import('./toolchain.mjs').Site} site
 * @param {import('./dockerd.mjs').Machine} machine
 * @param {string} reason why no engine answers
 * @returns {Promise<{ reason: string, advice: string } | undefined>} the trouble, or undefined if it answers now
 */
async function obtain(site, machine, reason) {
  const installed = findProgram(machine, 'dockerd') !== undefined
  if (!machine.isRoot || !(installed || machine.hasApt)) return { reason, advice: adviceFor(reason) }
  const answers = async () => (await probeEngine(undefined, [machine.socket])).answers
  try {
    await withLock(path.join(site.root, '.toolchain/engine.lock'), 'starting Docker', async () => {
      if (await answers()) return
      if (!installed) {
        say(
          'installing docker.io with apt-get, because no container engine answers (SQUALL_ENGINE=process does without)',
        )
        await installDocker(site, machine)
      }
      await startDockerd(site, machine, answers)
    })
    return undefined
  } catch (error) {
    if (!(error instanceof BootError) || site.family.stoppedBy !== undefined) throw error
    if (error.log !== undefined) process.stderr.write(`${error.log}\n`)
    return {
      reason: error.message.replace(/^Cannot (.+?): (.+?);.*$/s, 'we cannot $1: $2'),
      advice: 'correct this and start again',
    }
  }
}

/** @param {string} host @returns {Record<string, string>} */
function hostVariable(host) {
  // The default place needs no telling; for the others the inner program shall not have to search again.
  return host === 'unix:///var/run/docker.sock' ? {} : { DOCKER_HOST: host }
}

/** @param {string} reason */
function adviceFor(reason) {
  if (reason.includes('may not be opened'))
    return 'add yourself to the group docker (sudo usermod -aG docker $USER) and log in again'
  if (reason.includes('DOCKER_HOST')) return 'start the engine that DOCKER_HOST names, or unset DOCKER_HOST'
  if (process.platform === 'linux')
    return 'install and start Docker (sudo apt-get install docker.io), or run as root'
  return 'install and start Docker Desktop, or name an engine with DOCKER_HOST'
}

/** @returns {import('./dockerd.mjs').Machine} */
function thisMachine() {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : ''
  return {
    isRoot: process.platform === 'linux' && process.getuid?.() === 0,
    hasApt: /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(release) && existsSync('/usr/bin/apt-get'),
    hasSystemd: existsSync('/run/systemd/system'),
    sockets: usualSockets(),
    socket: '/var/run/docker.sock',
    pidFiles: [
      ['/var/run/docker.pid', 'dockerd'],
      ['/var/run/docker/containerd/containerd.pid', 'containerd'],
    ],
    searchPath: [...(process.env.PATH ?? '').split(path.delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'],
  }
}
