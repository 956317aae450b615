/**
 * The engine with containers. One run = one label, one network, one reaper:
 *
 *   open     reaper first; it guards the run's label from its own start on, and the rest need not wait for it
 *   units    on that network and no other; host ports chosen before the start and kept
 *   dispose  units, network, reaper; then the proof that nothing carries the label any more; an engine that is being
 *            restarted is waited for
 *
 * Knowingly missing: reaching a run that another process has opened and left up.
 */
import type Dockerode from 'dockerode'
import { messageOf } from '../support/errors.ts'
import { pollUntil } from '../support/poll.ts'
import { dockerObjects } from './docker-client.ts'
import { dockerFailure, isEngineGone } from './docker-failure.ts'
import { type DockerReaper, startDockerReaper } from './docker-reaper-client.ts'
import { DockerUnit } from './docker-unit.ts'
import type { ContainerProgram, Engine, PlacedPort, Placement, Unit, UnitSpec } from './engine.ts'
import { EngineError, type ReaperLost } from './engine-error.ts'
import { type FoundDocker, findDocker } from './find-docker.ts'
import { checkRunId, checkUnitName, containerName, labels, variables } from './labels.ts'
import { findLeftovers, provenGone } from './leftovers.ts'
import { ownOwner } from './owner.ts'
import { openPortPool, type PortPool } from './ports.ts'
import { removeLabelled } from './reaper/remove-labelled.ts'
import type { Undo } from './reaper/undo/undo.ts'
import { defaultTtlMs, type Withdraw } from './reaper-channel.ts'
import { containerDataFolder } from './unit-container.ts'

export type DockerEngineOptions = {
  readonly runId: string
  /** Image of the reaper, present in the engine; see images/. */
  readonly reaperImage: string
  /** Image of netem's agent, made when it is first asked for. Without it no network is impaired. */
  readonly agentImage?: () => Promise<string>
  /** Found by findDocker when absent. */
  readonly docker?: FoundDocker
  /** See ReaperLost. Nothing happens by default. */
  readonly onReaperLost?: ReaperLost
  /** How long the harness may be silent before its reaper takes it for gone, ms. Default: defaultTtlMs. */
  readonly ttlMs?: number
}

export type DockerEngine = Engine & {
  readonly docker: Dockerode
  /** Name of the run's network. */
  readonly network: string
  /** Leaves everything up, guarded by the reaper for the lease. The engine is closed afterwards. */
  detach(options: { readonly leaseMs: number }): void
}

const removalBudgetMs = 30_000
/** A daemon stops within 15 s (it gives containers 10 s) and starts within a few more. */
const restartBudgetMs = 40_000

/** @throws EngineError when the engine cannot be reached, the reaper does not start, or a network cannot be had. */
export async function openDockerEngine(options: DockerEngineOptions): Promise<DockerEngine> {
  const runId = checkRunId(options.runId)
  const found = options.docker ?? (await findDocker())
  const runLabels = {
    [labels.run]: runId,
    [labels.owner]: ownOwner(),
    [labels.created]: new Date().toISOString(),
  }
  const reaper = await startDockerReaper({
    found,
    runId,
    image: options.reaperImage,
    runLabels,
    ttlMs: options.ttlMs ?? defaultTtlMs,
    onLost: options.onReaperLost ?? (() => undefined),
  })
  const network = `squall-${runId}`
  try {
    await found.docker.createNetwork({ Name: network, CheckDuplicate: true, Labels: runLabels })
  } catch (error) {
    await reaper.release()
    throw dockerFailure(error, `create network ${network}`, 'engine-unreachable', 'see the log of the engine')
  }
  return new RunningDockerEngine({
    ...{ runId, found, runLabels, reaper, network },
    reaperImage: options.reaperImage,
    agentImage: options.agentImage,
  })
}

type Parts = {
  readonly runId: string
  readonly found: FoundDocker
  readonly runLabels: Readonly<Record<string, string>>
  readonly reaper: Pick<DockerReaper, 'running' | 'intend' | 'leave' | 'release'>
  readonly reaperImage: string
  readonly agentImage: DockerEngineOptions['agentImage']
  readonly network: string
}

export class RunningDockerEngine implements DockerEngine {
  readonly kind = 'docker'
  readonly runId: string
  readonly description: string
  readonly docker: Dockerode
  readonly network: string
  readonly #parts: Parts
  readonly #ports: PortPool
  readonly #placed = new Set<string>()
  readonly #units = new Map<string, DockerUnit>()
  #closing: Promise<void> | undefined

  constructor(parts: Parts) {
    this.runId = parts.runId
    this.description = parts.found.description
    this.docker = parts.found.docker
    this.network = parts.network
    this.#parts = parts
    this.#ports = openPortPool({ probe: parts.found.local, runId: this.runId })
  }

  async place(name: string, ports: Readonly<Record<string, number>>): Promise<Placement> {
    this.#assertOpen(`place ${name}`)
    if (this.#placed.has(checkUnitName(name))) {
      throw new EngineError(
        'name-conflict',
        `Cannot place ${name}: the run has a unit of that name; choose another`,
      )
    }
    this.#placed.add(name)
    const placed: Record<string, PlacedPort> = {}
    for (const [purpose, port] of Object.entries(ports)) {
      placed[purpose] = {
        listen: { host: '0.0.0.0', port },
        inside: { host: name, port },
        outside: { host: this.#parts.found.host, port: await this.#ports.take() },
      }
    }
    return { name, ports: placed, dataFolder: containerDataFolder }
  }

  async start(spec: UnitSpec): Promise<Unit> {
    const { placement, program } = spec
    const { name } = placement
    this.#assertOpen(`start ${name}`)
    if (program.kind !== 'container') {
      throw new EngineError(
        'unit-failed',
        `Cannot start ${name}: the docker engine needs a container image for it`,
      )
    }
    if (this.#units.has(name)) {
      throw new EngineError('name-conflict', `Cannot start ${name}: it was started already; use restart`)
    }
    const unit = this.#unit(spec, program)
    this.#units.set(name, unit)
    try {
      await unit.start()
    } catch (error) {
      this.#units.delete(name)
      throw error
    }
    return unit
  }

  /** Takes up a unit of this run that another process has started. */
  async adopt(containerId: string, spec: UnitSpec & { readonly program: ContainerProgram }): Promise<Unit> {
    const { name } = spec.placement
    this.#assertOpen(`adopt ${name}`)
    const unit = this.#unit(spec, spec.program)
    this.#placed.add(name)
    this.#units.set(name, unit)
    await unit.adopt(containerId)
    return unit
  }

  async intend(undo: Undo): Promise<Withdraw> {
    this.#assertOpen(`harm ${undo.unit}`)
    return await this.#parts.reaper.intend(undo)
  }

  detach({ leaseMs }: { readonly leaseMs: number }): void {
    this.#assertOpen('detach')
    this.letGo()
    this.#parts.reaper.leave(leaseMs)
  }

  /** Follows the units no longer and leaves them as they are. The engine is closed afterwards. */
  letGo(): void {
    this.#closing = Promise.resolve()
    for (const unit of this.#units.values()) unit.forget()
  }

  #unit({ placement, env }: UnitSpec, program: ContainerProgram): DockerUnit {
    const { name } = placement
    const { runLabels, agentImage } = this.#parts
    return new DockerUnit({
      docker: this.docker,
      containerName: containerName(this.runId, name),
      network: this.network,
      labels: { ...runLabels, [labels.unit]: name },
      env: { ...env, [variables.run]: this.runId, [variables.unit]: name },
      placement,
      program,
      keeperImage: agentImage ?? (async () => this.#parts.reaperImage),
      publishOn: this.#parts.found.local ? '127.0.0.1' : '',
      guarded: this.#parts.reaper.running,
      impairing: agentImage && { runId: this.runId, runLabels, agentImage },
    })
  }

  /** Removes everything and proves it. The second call waits for the first. @throws EngineError `left-behind`. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#dispose()
    return this.#closing
  }

  async #dispose(): Promise<void> {
    using _ports = this.#ports
    try {
      await this.#remove()
    } catch (error) {
      if (!isEngineGone(error)) throw error
      await this.#answering()
      await this.#remove()
    }
  }

  async #remove(): Promise<void> {
    const { runId } = this
    const objects = dockerObjects(this.docker)
    // The short way first; whatever fails of it is tried again below, and the proof tells.
    await Promise.allSettled([...this.#units.values()].map((unit) => unit[Symbol.asyncDispose]()))
    await this.docker
      .getNetwork(this.network)
      .remove()
      .catch(() => undefined)
    if ((await findLeftovers({ objects, runId })).some((leftover) => leftover.reaper === undefined)) {
      const filters = [[`${labels.run}=${runId}`]]
      const spare = (object: { labels: Readonly<Record<string, string>> }): boolean =>
        object.labels[labels.role] === 'reaper'
      await removeLabelled({ objects, filters, spare, budgetMs: removalBudgetMs })
    }
    await this.#parts.reaper.release()
    await provenGone({ runId, objects })
  }

  /** @throws EngineError `engine-unreachable`: what is there cannot be removed from here. */
  async #answering(): Promise<void> {
    try {
      await pollUntil({
        what: 'the container engine answers',
        everyMs: 250,
        budgetMs: restartBudgetMs,
        probe: async () => {
          await this.docker.ping()
          return { done: true, value: undefined }
        },
      })
    } catch (cause) {
      const state = `the container engine does not answer (${messageOf(cause)})`
      const advice = 'start it again, then run "squall heal"'
      throw new EngineError('engine-unreachable', `Cannot remove run ${this.runId}: ${state}; ${advice}`, {
        cause,
      })
    }
  }

  #assertOpen(verb: string): void {
    if (this.#closing)
      throw new EngineError('engine-closed', `Cannot ${verb}: run ${this.runId} is being torn down`)
  }
}
