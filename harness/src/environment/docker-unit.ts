/**
 * One unit of the docker engine. testcontainers creates and starts it; dockerode does what testcontainers lacks:
 * signals, pause, statistics, start again. Output is read by attaching before each start, so that no line is lost,
 * also of a program that dies at once.
 */
import type Dockerode from 'dockerode'
import { deadline } from '../support/deadline.ts'
import type { ControlGroup, DataDisk, OpenFiles, UnitNetwork } from './abilities.ts'
import { type ContainerLife, followLife } from './container-life.ts'
import { firstSample, isOfNothing, toUnitStats } from './container-stats.ts'
import { adoptDataVolume, bindOf, type DataVolume, openDataVolume } from './data-volume.ts'
import { statusOf } from './docker-client.ts'
import { dockerControlGroup } from './docker-control-group.ts'
import { dockerFailure } from './docker-failure.ts'
import { type DockerNetworkOptions, dockerNetwork } from './docker-network.ts'
import { dockerOpenFiles } from './docker-open-files.ts'
import type { LogLine, Placement, Unit, UnitState, UnitStats } from './engine.ts'
import { EngineError } from './engine-error.ts'
import { type LogBook, openLogBook } from './log-book.ts'
import { UnitContainer, type UnitContainerOptions } from './unit-container.ts'

export type DockerUnitOptions = Omit<UnitContainerOptions, 'onCreated' | 'dataBind'> & {
  readonly docker: Dockerode
  /** The container is created, but not started before this has resolved. */
  readonly guarded: Promise<void>
  /** An image that has node, and what system calls need if the disk is to be made read-only. */
  readonly keeperImage: () => Promise<string>
  /** How a container is put beside it, where the engine knows an image for that. */
  readonly impairing?: Pick<DockerNetworkOptions, 'runId' | 'runLabels' | 'agentImage'> | undefined
}

/** Removal, kill and exit of a container take tenths of a second; a busy engine may need seconds. */
const engineBudgetMs = 20_000
/** The engine closes the output shortly after the exit. */
const drainBudgetMs = 1000

export class DockerUnit implements Unit {
  readonly name: string
  readonly placement: Placement
  readonly controlGroup: ControlGroup
  readonly openFiles?: OpenFiles & AsyncDisposable
  readonly network?: UnitNetwork & AsyncDisposable
  readonly #options: DockerUnitOptions
  readonly #book: LogBook = openLogBook()
  #volume: DataVolume | undefined
  #container: Dockerode.Container | undefined
  #life: ContainerLife | undefined

  constructor(options: DockerUnitOptions) {
    this.name = options.placement.name
    this.placement = options.placement
    this.#options = options
    this.controlGroup = dockerControlGroup(options.docker, () => this.#created('limit'))
    if (options.impairing) {
      const { docker, network, impairing } = options
      const container = () => this.#created('put a container beside')
      this.network = dockerNetwork({ docker, network, unit: this.name, container, ...impairing })
      this.openFiles = dockerOpenFiles({ docker, unit: this.name, container, ...impairing })
    }
  }

  /** Creates and starts the container. One that ends at once counts as started. @throws EngineError */
  async start(): Promise<void> {
    const ended = Promise.withResolvers<void>()
    const onCreated = async (id: string): Promise<void> => {
      this.#container = this.#options.docker.getContainer(id)
      await this.#options.guarded
      const life = await this.#attach(this.#container)
      void life.exited.then(ended.resolve)
    }
    try {
      this.#volume = await this.#openVolume()
      const dataBind = this.#volume && bindOf(this.#volume.name)
      const starting = new UnitContainer({ ...this.#options, dataBind, onCreated }).start()
      // testcontainers waits 10 s for the ports of a container that is gone already.
      await Promise.race([starting, ended.promise])
      starting.catch(() => undefined)
      if (!(await this.#hasRun())) await starting
    } catch (error) {
      await this[Symbol.asyncDispose]()
      throw dockerFailure(error, `start ${this.name}`, 'unit-failed', 'check its image and command')
    }
  }

  /** Follows a container that is there already, instead of making one. @param id Its name would also match others. */
  async adopt(id: string): Promise<void> {
    const { docker, containerName } = this.#options
    this.#container = docker.getContainer(id)
    await this.#attach(this.#container)
    this.#volume = await adoptDataVolume(docker, this.name, containerName)
  }

  get dataDisk(): DataDisk | undefined {
    return this.#volume?.disk
  }

  async restart(): Promise<void> {
    const container = this.#created('restart')
    if ((await this.inspect()).status !== 'exited') {
      throw new EngineError('already-running', `Cannot restart ${this.name}: it runs; kill or stop it first`)
    }
    await this.#attach(container)
    await this.#ask('restart', () => container.start())
  }

  async inspect(): Promise<UnitState> {
    const { State: state } = await this.#ask('inspect', () => this.#created('inspect').inspect())
    if (state.Running) return { status: state.Paused ? 'paused' : 'running', pid: state.Pid }
    await this.#drain()
    return { status: 'exited', exitCode: state.ExitCode, oomKilled: state.OOMKilled }
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    const container = this.#created(`send ${signal} to`)
    const life = this.#life
    await this.#ask(`send ${signal} to`, () => container.kill({ signal }))
    if (signal !== 'SIGKILL' || !life) return
    using limit = deadline(engineBudgetMs, `see ${this.name} end after SIGKILL`)
    await limit.race(life.exited)
    await this.#drain()
  }

  async stop(options: { readonly graceMs: number }): Promise<void> {
    const state = await this.inspect()
    if (state.status === 'exited') return
    if (state.status === 'paused') await this.unpause()
    const exited = this.#life?.exited ?? Promise.resolve()
    try {
      await this.kill('SIGTERM')
      using grace = deadline(options.graceMs, `stop ${this.name}`)
      if (await grace.race(exited.then(() => true)).catch(() => false)) await this.#drain()
      else await this.kill('SIGKILL')
    } catch (error) {
      // It ended by itself between two of these steps.
      if (!(error instanceof EngineError && error.code === 'not-running')) throw error
    }
  }

  async pause(): Promise<void> {
    await this.#ask('pause', () => this.#created('pause').pause())
  }

  async unpause(): Promise<void> {
    await this.#ask('unpause', () => this.#created('unpause').unpause())
  }

  async stats(): Promise<UnitStats> {
    const container = this.#created('measure')
    if ((await this.inspect()).status === 'exited') throw this.#notRunning('measure')
    const sample = await this.#ask('measure', () => firstSample(container, engineBudgetMs))
    // It ended while the engine measured it: the sample is then of nothing.
    if (isOfNothing(sample)) throw this.#notRunning('measure')
    return toUnitStats(sample)
  }

  onLine(listener: (line: LogLine) => void): Disposable {
    return this.#book.onLine(listener)
  }

  logs(): readonly LogLine[] {
    return this.#book.lines()
  }

  /** Stops following the container and leaves it as it is. */
  forget(): void {
    this.#life?.close()
  }

  /** Removes the container, whatever state it is in. Gone already is fine. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.forget()
    await Promise.all([this.network?.[Symbol.asyncDispose](), this.openFiles?.[Symbol.asyncDispose]()])
    try {
      await this.#container?.remove({ force: true, v: true })
    } catch (error) {
      // 404: gone. 409: somebody else is removing it.
      if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error
    }
    await this.#volume?.[Symbol.asyncDispose]()
  }

  async #openVolume(): Promise<DataVolume | undefined> {
    const { program, guarded, keeperImage, ...options } = this.#options
    if (program.dataBytesMax === undefined) return undefined
    await guarded
    return await openDataVolume({
      ...options,
      unit: this.name,
      image: await keeperImage(),
      sizeBytes: program.dataBytesMax,
    })
  }

  #created(verb: string): Dockerode.Container {
    if (!this.#container) throw this.#notRunning(verb)
    return this.#container
  }

  #notRunning(verb: string): EngineError {
    return new EngineError('not-running', `Cannot ${verb} ${this.name}: it does not run; restart it first`)
  }

  /** False for a container that never got as far as to start. */
  async #hasRun(): Promise<boolean> {
    const { State: state } = await this.#created('start').inspect()
    return state.Running || !state.StartedAt.startsWith('0001-')
  }

  async #ask<T>(verb: string, request: () => Promise<T>): Promise<T> {
    try {
      return await request()
    } catch (error) {
      if (statusOf(error) === 409 && /is not running/.test(String(error))) throw this.#notRunning(verb)
      throw dockerFailure(error, `${verb} ${this.name}`, 'unit-failed', 'look at its logs')
    }
  }

  async #drain(): Promise<void> {
    using limit = deadline(drainBudgetMs, 'drain')
    await limit.race(this.#life?.drained ?? Promise.resolve()).catch(() => undefined)
  }

  /** Before each start: from here on every line and the exit are seen. */
  async #attach(container: Dockerode.Container): Promise<ContainerLife> {
    this.#life?.close()
    this.#life = await followLife(container, this.#book)
    return this.#life
  }
}
