/**
 * The engine without containers: units are child processes on loopback, each with a free port and a data folder
 * below the run's temp folder. For machines without Docker, and for tests in milliseconds.
 *
 * Knowingly missing: memory limits, files written into a container, faults on single packets.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Engine, PlacedPort, Placement, Unit, UnitSpec } from './engine.ts'
import { EngineError, type ReaperLost } from './engine-error.ts'
import { checkRunId, checkUnitName, variables } from './labels.ts'
import { provenGone } from './leftovers.ts'
import { ownerOf, ownOwner } from './owner.ts'
import { openPortPool, type PortPool } from './ports.ts'
import { type ProcessReaper, startProcessReaper } from './process-reaper-client.ts'
import { ProcessUnit } from './process-unit.ts'
import { endProcesses } from './reaper/end-processes.ts'
import type { Undo } from './reaper/undo/undo.ts'
import { defaultTtlMs, type Withdraw } from './reaper-channel.ts'
import { markRunFolder, removeRunFolder } from './temp-folder.ts'

export type ProcessEngineOptions = {
  readonly runId: string
  /** See ReaperLost. Nothing happens by default. */
  readonly onReaperLost?: ReaperLost
  /** How long the harness may be silent before its reaper takes it for gone, ms. Default: defaultTtlMs. */
  readonly ttlMs?: number
}

/** Variables a program gets from the harness; the rest of its environment is what the spec says. */
const inherited = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'NODE_COMPILE_CACHE', 'NODE_V8_COVERAGE']
const killBudgetMs = 10_000

/** @throws EngineError `reaper-failed`. */
export async function openProcessEngine(options: ProcessEngineOptions): Promise<Engine> {
  const runId = checkRunId(options.runId)
  const marker = { run: runId, owner: ownOwner(), created: new Date().toISOString() }
  const folder = markRunFolder(marker)
  try {
    const onLost = options.onReaperLost ?? (() => undefined)
    const reaper = await startProcessReaper({ runId, ttlMs: options.ttlMs ?? defaultTtlMs, onLost })
    markRunFolder({ ...marker, reaper: reaper.owner })
    return new ProcessEngine(runId, folder, reaper)
  } catch (error) {
    removeRunFolder(runId)
    throw error
  }
}

class ProcessEngine implements Engine {
  readonly kind = 'process'
  readonly runId: string
  readonly description = `child processes of Node ${process.versions.node} on ${process.platform}`
  readonly #folder: string
  readonly #reaper: ProcessReaper
  readonly #ports: PortPool
  readonly #placed = new Set<string>()
  readonly #units = new Map<string, ProcessUnit>()
  #disposal: Promise<void> | undefined

  constructor(runId: string, folder: string, reaper: ProcessReaper) {
    this.runId = runId
    this.#folder = folder
    this.#reaper = reaper
    this.#ports = openPortPool({ probe: true, runId })
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
    for (const purpose of Object.keys(ports)) {
      const address = { host: '127.0.0.1', port: await this.#ports.take() }
      placed[purpose] = { listen: address, inside: address, outside: address }
    }
    const dataFolder = join(this.#folder, name)
    await mkdir(dataFolder, { recursive: true })
    return { name, ports: placed, dataFolder }
  }

  async start(spec: UnitSpec): Promise<Unit> {
    const { placement, program } = spec
    this.#assertOpen(`start ${placement.name}`)
    if (program.kind !== 'process') {
      throw new EngineError(
        'unit-failed',
        `Cannot start ${placement.name}: a container image needs the docker engine`,
      )
    }
    if (this.#units.has(placement.name)) {
      throw new EngineError(
        'name-conflict',
        `Cannot start ${placement.name}: it was started already; use restart`,
      )
    }
    const own = Object.fromEntries(
      inherited.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
    )
    const env = {
      ...own,
      ...spec.env,
      [variables.run]: this.runId,
      [variables.unit]: placement.name,
      [variables.owner]: ownOwner(),
    }
    const unit = new ProcessUnit({
      placement,
      program,
      env,
      register: (pid) => this.#register(pid, placement.name),
    })
    this.#units.set(placement.name, unit)
    try {
      await unit.start()
    } catch (error) {
      this.#units.delete(placement.name)
      throw error
    }
    return unit
  }

  async intend(undo: Undo): Promise<Withdraw> {
    this.#assertOpen(`harm ${undo.unit}`)
    return await this.#reaper.intend(undo)
  }

  /** Ends everything and proves it. The second call waits for the first. @throws EngineError `left-behind`. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#dispose()
    return this.#disposal
  }

  async #dispose(): Promise<void> {
    // Whatever of this fails, the reaper does the same once the harness ends; and the proof below tells.
    await Promise.allSettled([...this.#units.values()].map((unit) => unit[Symbol.asyncDispose]()))
    await endProcesses({ runId: this.runId, budgetMs: killBudgetMs })
    removeRunFolder(this.runId)
    await this.#reaper.release()
    this.#ports[Symbol.dispose]()
    await provenGone({ runId: this.runId })
  }

  #register(pid: number, unit: string): void {
    const owner = ownerOf(pid)
    if (owner) this.#reaper.register({ owner, unit })
  }

  #assertOpen(verb: string): void {
    if (this.#disposal)
      throw new EngineError('engine-closed', `Cannot ${verb}: run ${this.runId} is being torn down`)
  }
}
