/**
 * Finds the container engine, in one way for everything: testcontainers' rules (TESTCONTAINERS settings, DOCKER_HOST
 * with TLS, /var/run/docker.sock, rootless and Docker Desktop sockets). dockerode then speaks over the very same
 * connection. Docker contexts are not looked at; testcontainers does not know them.
 *
 * testcontainers remembers its answer for the life of the process, so changing DOCKER_HOST later has no effect.
 */
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import Dockerode from 'dockerode'
import { getContainerRuntimeClient } from 'testcontainers'
import { withDeadline } from '../support/deadline.ts'
import { messageOf } from '../support/errors.ts'
import { EngineError } from './engine-error.ts'

export type FoundDocker = {
  readonly docker: Dockerode
  /** How the harness reaches published ports. */
  readonly host: string
  /** The engine publishes on this machine's loopback. */
  readonly local: boolean
  /** The engine's socket on the engine's own host, for the reaper to mount. */
  readonly socketPath: string
  /** "Docker Engine 20.10.24 (overlay2, cgroup v1)". */
  readonly description: string
}

/** An engine that is there answers in some 50 ms; a remote one may need a handshake. */
const reachBudgetMs = 5000

/** @throws EngineError `engine-unreachable`, with what was tried. */
export async function findDocker(): Promise<FoundDocker> {
  try {
    return await withDeadline(reachBudgetMs, 'reach the container engine', connect)
  } catch (cause) {
    const tried = process.env['DOCKER_HOST'] ?? 'the usual sockets'
    const why = (await pingFailure()) ?? messageOf(cause)
    throw new EngineError(
      'engine-unreachable',
      `Cannot reach a container engine: ${tried}: ${why}; start Docker, set DOCKER_HOST, or take SQUALL_ENGINE=process`,
      { cause },
    )
  }
}

async function connect(): Promise<FoundDocker> {
  // testcontainers would silently go on to the next engine; harm must stay on the one that was named.
  if (process.env['DOCKER_HOST']) await new Dockerode().ping()
  await sayWhereWeAre()
  const client = await getContainerRuntimeClient()
  const { host, remoteSocketPath } = client.info.containerRuntime
  const docker = new Dockerode()
  docker.modem = client.container.getById('any').modem
  const info: { ServerVersion?: string; Driver?: string; CgroupVersion?: string } = await docker.info()
  const version = info.ServerVersion?.replace(/\+.*/, '') ?? 'unknown'
  return {
    docker,
    host: host === 'localhost' ? '127.0.0.1' : host,
    local: host === 'localhost' || host === '127.0.0.1',
    socketPath: remoteSocketPath,
    description: `Docker Engine ${version} (${info.Driver ?? 'unknown'}, cgroup v${info.CgroupVersion ?? '1'})`,
  }
}

/**
 * Beside the file /.dockerenv testcontainers reaches published ports at the gateway of the engine's bridge. A machine
 * image that was made from a container has that file and runs an engine of its own: the gateway is this machine, where
 * ports are published on loopback only, so testcontainers must be told. In a real container it is another machine's.
 */
async function sayWhereWeAre(): Promise<void> {
  const { DOCKER_HOST: named, TESTCONTAINERS_HOST_OVERRIDE: told } = process.env
  if (told !== undefined || !existsSync('/.dockerenv') || named?.startsWith('tcp:')) return
  const bridge = await new Dockerode()
    .getNetwork('bridge')
    .inspect()
    .catch(() => undefined)
  const gateways = bridge?.IPAM?.Config?.flatMap(({ Gateway = [] }) => Gateway) ?? []
  const isHere = (await Promise.all(gateways.map(isOwnAddress))).includes(true)
  if (isHere) process.env['TESTCONTAINERS_HOST_OVERRIDE'] = 'localhost'
}

/** Only an address of one's own can be bound. Node's list of interfaces leaves out a bridge without containers. */
function isOwnAddress(host: string): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen({ host, port: 0 }, () => server.close(() => resolve(true)))
  })
}

/** testcontainers says only that no strategy worked; a ping says why. */
async function pingFailure(): Promise<string | undefined> {
  try {
    await withDeadline(1000, 'get an answer to a ping', () => new Dockerode().ping())
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}
