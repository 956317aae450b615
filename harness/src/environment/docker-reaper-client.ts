/**
 * The harness's end of the reaper container: starts it before anything else of the run exists, tells it the run's
 * label, stays connected and heard for as long as the run lives, and notices when the reaper dies or answers no more.
 */
import type Dockerode from 'dockerode'
import { deadline } from '../support/deadline.ts'
import { messageOf } from '../support/errors.ts'
import { dockerFailure } from './docker-failure.ts'
import { EngineError, type ReaperLost } from './engine-error.ts'
import type { FoundDocker } from './find-docker.ts'
import { labels, ryukLabel } from './labels.ts'
import { formatRequest, type ReaperRequest } from './reaper/request.ts'
import type { Undo } from './reaper/undo/undo.ts'
import type { Withdraw } from './reaper-channel.ts'
import { introduce, portInside, type ReaperLine } from './reaper-line.ts'
import { reportFolder, reportName } from './reaper-reports.ts'

export type DockerReaper = {
  /** The reaper's container runs. Nothing of the run is started before. @throws EngineError `reaper-failed` */
  readonly running: Promise<void>
  /** See Engine. Waits for the reaper to answer, if it has just been started. */
  intend(undo: Undo): Promise<Withdraw>
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
  /** How long the harness may be silent before it counts as gone, ms. */
  readonly ttlMs: number
  readonly onLost: ReaperLost
}

const reportsInside = '/reports'
const goBudgetMs = 10_000
/** How long the reaper waits for a harness that has started it and never came. */
const connectionTimeout = '5s'
/** A harness never comes back: a broken connection ends its run. */
const reconnectionTimeout = '100ms'

/**
 * Resolves as soon as the engine was asked to start the reaper's container: from then on it will run, whatever becomes
 * of the harness, and it knows from its environment what to guard. So the run's network and containers may be created
 * meanwhile. That it never answers is told to `onLost`, as is its death later on.
 * @throws EngineError `reaper-failed`, or what the engine refused.
 */
export async function startDockerReaper(options: DockerReaperOptions): Promise<DockerReaper> {
  const { runId } = options
  const failed = (error: unknown): EngineError =>
    dockerFailure(error, `start the reaper of run ${runId}`, 'reaper-failed', `check image ${options.image}`)
  const container = await create(options).catch((error: unknown) => {
    throw failed(error)
  })
  const running = container.start().then(
    () => undefined,
    async (error: unknown) => {
      await container.remove({ force: true }).catch(() => undefined)
      throw failed(error)
    },
  )
  // Whoever starts a unit sees it; with no unit there is nothing to guard.
  running.catch(() => undefined)
  const introduced = running.then(() => introduce(options.found.host, container, filterOf(runId), { runId }))
  return { running, ...guard(options, container, introduced) }
}

function create({ found, runId, image, runLabels }: DockerReaperOptions): Promise<Dockerode.Container> {
  return found.docker.createContainer({
    name: `squall-${runId}-reaper`,
    Image: image,
    // The image has the label by which testcontainers finds a reaper to share; this one belongs to one run.
    Labels: { ...runLabels, [labels.role]: 'reaper', [ryukLabel]: 'false' },
    Env: [
      `SQUALL_REAPER_FILTER=${formatRequest(filterOf(runId)).trim()}`,
      `RYUK_CONNECTION_TIMEOUT=${connectionTimeout}`,
      `RYUK_RECONNECTION_TIMEOUT=${reconnectionTimeout}`,
      `SQUALL_REAPER_RUN=${runId}`,
      ...(found.local ? [`SQUALL_REAPER_REPORT=${reportsInside}/${reportName(runId)}`] : []),
    ],
    ExposedPorts: { [portInside]: {} },
    HostConfig: {
      AutoRemove: true,
      Binds: [
        `${found.socketPath}:/var/run/docker.sock`,
        ...(found.local ? [`${reportFolder()}:${reportsInside}`] : []),
      ],
      PortBindings: { [portInside]: [{ HostIp: found.local ? '127.0.0.1' : '', HostPort: '' }] },
    },
  })
}

function filterOf(runId: string): ReaperRequest {
  return { kind: 'filter', labels: [`${labels.run}=${runId}`] }
}

function guard(
  { found, runId, ttlMs, onLost }: DockerReaperOptions,
  container: Dockerode.Container,
  introduced: Promise<ReaperLine>,
): Omit<DockerReaper, 'running'> {
  let letGo = false
  const lost = (why: string): void => {
    if (letGo) return
    letGo = true
    onLost(new EngineError('reaper-lost', `Cannot guard run ${runId}: ${why}; end the run`))
  }
  introduced.then(
    (channel) => {
      if (!letGo) channel.keepAlive(ttlMs, lost)
      void channel.closed.then(() => lost('the connection to its reaper broke'))
    },
    (error: unknown) => lost(messageOf(error)),
  )
  const say = async (request: ReaperRequest): Promise<void> => {
    letGo = true
    const channel = await introduced
    channel.end(request)
  }
  return {
    intend: async (undo) => await (await introduced).intend(undo),
    leave: (leaseMs) => void say({ kind: 'lease', ms: leaseMs }).catch(() => undefined),
    release: async () => {
      // A reaper that was lost hears nothing any more.
      if (letGo) await container.remove({ force: true }).catch(() => undefined)
      letGo = true
      using limit = deadline(goBudgetMs, 'see the reaper go')
      const gone = removed(found.docker, container.id)
      await limit
        .race(say({ kind: 'done' }).then(() => gone))
        .catch(() => container.remove({ force: true }).catch(() => undefined))
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
