/**
 * The harness's end of the reaper container: starts it before anything else of the run exists, tells it the run's
 * label, stays connected for as long as the run lives, and notices when the reaper dies.
 */
import { connect, type Socket } from 'node:net'
import type Dockerode from 'dockerode'
import { deadline } from '../support/deadline.ts'
import { pollUntil } from '../support/poll.ts'
import { dockerFailure } from './docker-failure.ts'
import { EngineError, type ReaperLost } from './engine-error.ts'
import type { FoundDocker } from './find-docker.ts'
import { labels, ryukLabel } from './labels.ts'
import { formatRequest, type ReaperRequest } from './reaper/request.ts'

export type DockerReaper = {
  /** The harness lets go: the reaper keeps everything for the lease and then removes it. */
  leave(leaseMs: number): void
  /** Everything is removed: the reaper may go. Resolves when its container is gone. */
  release(): Promise<void>
}

export type DockerReaperOptions = {
  readonly found: FoundDocker
  readonly runId: string
  /** See images/; its entry point is the reaper program. */
  readonly image: string
  /** Labels of everything of the run. */
  readonly runLabels: Readonly<Record<string, string>>
  readonly onLost: ReaperLost
}

const portInside = '8080/tcp'
const startBudgetMs = 20_000
const goBudgetMs = 10_000

/** @throws EngineError `reaper-failed`, or what the engine refused. */
export async function startDockerReaper(options: DockerReaperOptions): Promise<DockerReaper> {
  const { found, runId } = options
  const container = await create(options).catch((error: unknown) => {
    throw dockerFailure(
      error,
      `start the reaper of run ${runId}`,
      'reaper-failed',
      `check image ${options.image}`,
    )
  })
  try {
    await container.start()
    const published = (await container.inspect()).NetworkSettings.Ports[portInside]?.[0]?.HostPort
    const socket = await introduce(found.host, Number(published), runId)
    return guard(options, container, socket)
  } catch (error) {
    await container.remove({ force: true }).catch(() => undefined)
    throw dockerFailure(
      error,
      `start the reaper of run ${runId}`,
      'reaper-failed',
      `check image ${options.image}`,
    )
  }
}

function create({ found, runId, image, runLabels }: DockerReaperOptions): Promise<Dockerode.Container> {
  return found.docker.createContainer({
    name: `squall-${runId}-reaper`,
    Image: image,
    // The image has the label by which testcontainers finds a reaper to share; this one belongs to one run.
    Labels: { ...runLabels, [labels.role]: 'reaper', [ryukLabel]: 'false' },
    ExposedPorts: { [portInside]: {} },
    HostConfig: {
      AutoRemove: true,
      Binds: [`${found.socketPath}:/var/run/docker.sock`],
      PortBindings: { [portInside]: [{ HostIp: found.local ? '127.0.0.1' : '', HostPort: '' }] },
    },
  })
}

/** Connects and says what to guard, until the reaper has acknowledged it. */
function introduce(host: string, port: number, runId: string): Promise<Socket> {
  return pollUntil({
    what: `the reaper acknowledges run ${runId}`,
    everyMs: 20,
    budgetMs: startBudgetMs,
    probe: async () => ({
      done: true,
      value: await acknowledged(host, port, { kind: 'filter', labels: [`${labels.run}=${runId}`] }),
    }),
  })
}

/** A connection on which the request was answered. The engine's proxy accepts before the reaper listens, then resets. */
function acknowledged(host: string, port: number, request: ReaperRequest): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, keepAlive: true })
    socket.once('connect', () => socket.write(formatRequest(request)))
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('connection closed without an answer')))
    socket.once('data', (answer) => {
      if (answer.toString().startsWith('ACK')) resolve(socket)
      else reject(new Error(`answered ${JSON.stringify(answer.toString())}`))
    })
  })
}

function guard(
  { found, runId, onLost }: DockerReaperOptions,
  container: Dockerode.Container,
  socket: Socket,
): DockerReaper {
  let letGo = false
  socket.on('error', () => undefined)
  // Its answers are not needed, but unread ones would keep the end of the connection from being seen.
  socket.resume()
  socket.once('close', () => {
    if (letGo) return
    onLost(
      new EngineError(
        'reaper-lost',
        `Cannot guard run ${runId}: the connection to its reaper broke; end the run`,
      ),
    )
  })
  return {
    leave: (leaseMs) => {
      letGo = true
      socket.end(formatRequest({ kind: 'lease', ms: leaseMs }))
    },
    release: async () => {
      letGo = true
      using limit = deadline(goBudgetMs, 'see the reaper go')
      const gone = removed(found.docker, container.id)
      socket.end(formatRequest({ kind: 'done' }))
      await limit.race(gone).catch(() => container.remove({ force: true }).catch(() => undefined))
    },
  }
}

/** Resolves when the engine has removed the container, also when it had before. */
async function removed(docker: Dockerode, id: string): Promise<void> {
  await docker
    .getContainer(id)
    .wait({ condition: 'removed' })
    .catch(() => undefined)
}
