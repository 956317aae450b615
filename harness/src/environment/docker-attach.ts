/**
 * The engine of a run that was left up, taken up again by another process: the same units, the same labels, the same
 * reaper, nothing created. Everything is read from the containers themselves, so there is no file that could be missing
 * or out of date; the token of a control port is in the environment of its twin, which only those can read who may
 * command the engine anyway. Disposing lets go and leaves all as it is.
 */
import type Dockerode from 'dockerode'
import { type DockerEngineOptions, RunningDockerEngine } from './docker-engine.ts'
import type { Engine, Placement, Unit } from './engine.ts'
import { EngineError, type ReaperLost } from './engine-error.ts'
import type { FoundDocker } from './find-docker.ts'
import { type JoinedReaper, joinReaper } from './joined-reaper.ts'
import { containerName, labels } from './labels.ts'
import { defaultTtlMs } from './reaper-channel.ts'
import { containerDataFolder } from './unit-container.ts'

export type AttachOptions = Pick<DockerEngineOptions, 'agentImage'> & {
  readonly found: FoundDocker
  readonly runId: string
  /** What a unit's program calls its own ports, by purpose; those that are not published do not count. */
  readonly portsOf: (unit: string) => Readonly<Record<string, number>>
  readonly ttlMs?: number
  readonly onReaperLost?: ReaperLost
}

export type AttachedEngine = AsyncDisposable & {
  readonly engine: Engine
  readonly reaper: JoinedReaper
  readonly units: readonly AdoptedUnit[]
}

export type AdoptedUnit = {
  readonly unit: Unit
  readonly image: string
  /** Of the program. Has secrets in it; never to be shown. */
  readonly env: Readonly<Record<string, string>>
}

/** @throws EngineError `environment-gone` */
export async function attachDockerEngine(options: AttachOptions): Promise<AttachedEngine> {
  const { found, runId } = options
  const { docker } = found
  const filters = { label: [`${labels.run}=${runId}`] }
  const listed = await docker.listContainers({ all: true, filters })
  const guard = listed.find(({ Labels, State }) => Labels[labels.role] === 'reaper' && State === 'running')
  if (guard === undefined) {
    const state = 'there is none, or nobody guards it any more'
    throw new EngineError(
      'environment-gone',
      `Cannot reach environment ${runId}: ${state}; see squall status`,
    )
  }
  const reaper = await joinReaper({
    ...{ docker, host: found.host, runId, containerId: guard.Id },
    ttlMs: options.ttlMs ?? defaultTtlMs,
    onLost: options.onReaperLost ?? (() => undefined),
  })
  await using undo = new AsyncDisposableStack()
  undo.defer(() => reaper.leave(0))
  const { [labels.role]: _role, ...runLabels } = ownLabels(guard.Labels)
  const network = `squall-${runId}`
  const engine = new RunningDockerEngine({
    ...{ runId, found, runLabels, reaper, network, reaperImage: guard.Image },
    agentImage: options.agentImage,
  })
  const names = listed.flatMap(({ Labels, Names }) => {
    const unit = Labels[labels.unit]
    if (unit === undefined || labels.role in Labels) return []
    // Containers beside a unit, as the keeper of its disk, carry its label too.
    return Names.includes(`/${containerName(runId, unit)}`) ? [unit] : []
  })
  const units = await Promise.all(names.map((name) => adopt(engine, name, options)))
  const kept = undo.move()
  return {
    engine,
    reaper,
    units,
    [Symbol.asyncDispose]: async () => {
      engine.letGo()
      await kept.disposeAsync()
    },
  }
}

async function adopt(
  engine: RunningDockerEngine,
  name: string,
  { found, runId, portsOf }: AttachOptions,
): Promise<AdoptedUnit> {
  const seen = await found.docker.getContainer(containerName(runId, name)).inspect()
  const env = Object.fromEntries(seen.Config.Env.map(asEntry))
  const placement: Placement = {
    name,
    ports: Object.fromEntries(
      Object.entries(portsOf(name)).flatMap(([purpose, port]) => {
        const outside = publishedOn(seen, port)
        if (outside === undefined) return []
        const listen = { host: '0.0.0.0', port }
        return [
          [purpose, { listen, inside: { host: name, port }, outside: { host: found.host, port: outside } }],
        ]
      }),
    ),
    dataFolder: containerDataFolder,
  }
  const image = seen.Config.Image
  const unit = await engine.adopt(seen.Id, { placement, env, program: { kind: 'container', image } })
  return { unit, image, env }
}

/** As it was asked for: a container that does not run publishes nothing. */
function publishedOn({ HostConfig }: Dockerode.ContainerInspectInfo, port: number): number | undefined {
  const bindings = HostConfig.PortBindings as Readonly<Record<string, { HostPort?: string }[] | undefined>>
  const text = bindings[`${port}/tcp`]?.[0]?.HostPort
  return text === undefined || text === '' ? undefined : Number(text)
}

function asEntry(line: string): [string, string] {
  const at = line.indexOf('=')
  return [line.slice(0, at), line.slice(at + 1)]
}

/** Without those of the image. */
function ownLabels(all: Readonly<Record<string, string>>): Record<string, string> {
  const own: ReadonlySet<string> = new Set(Object.values(labels))
  return Object.fromEntries(Object.entries(all).filter(([key]) => own.has(key)))
}
