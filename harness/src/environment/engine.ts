/**
 * Where services run: containers (`docker`) or child processes on loopback (`process`). Both varieties keep
 * this one contract and pass the same tests (`engine-contract.ts`).
 *
 *   place()  choose every address before anything runs, so that services can name each other
 *   start()  bring one unit up; it is registered for disposal and with the reaper before it exists
 *   dispose  remove every unit, the network and the folder; then prove nothing is left
 *
 * "Started" means the program runs. Whether it answers is the business of the service's probe.
 */
import type { ControlGroup, DataDisk, OpenFiles, UnitNetwork } from './abilities.ts'
import type { Undo } from './reaper/undo/undo.ts'
import type { Withdraw } from './reaper-channel.ts'

export type EngineKind = 'docker' | 'process'

export type Engine = AsyncDisposable & {
  readonly kind: EngineKind
  readonly runId: string
  /** For people and `doctor`: "Docker Engine 20.10.24 (overlay2, cgroup v1)". */
  readonly description: string
  /** Chooses addresses for a unit. `ports` maps a purpose to the port the program calls its own. */
  place(name: string, ports: Readonly<Record<string, number>>): Promise<Placement>
  /** @throws EngineError `unit-failed` when the program cannot be started; the message says what to do. */
  start(spec: UnitSpec): Promise<Unit>
  /**
   * To be called before harm is done: tells the reaper how it is undone, so that it is, should the harness be gone by
   * then. Resolves once the reaper has acknowledged; what it gives takes the intent back after healing.
   * @throws EngineError `reaper-lost`: no harm may be done.
   */
  intend(undo: Undo): Promise<Withdraw>
}

export type Placement = {
  /** Name of the unit, unique in its run; its DNS name inside a Docker network. */
  readonly name: string
  readonly ports: Readonly<Record<string, PlacedPort>>
  /** Folder that outlives a kill and restart of the unit, as the program sees it. */
  readonly dataFolder: string
}

export type PlacedPort = {
  /** What the program must bind. */
  readonly listen: Address
  /** How other units of the run reach it. */
  readonly inside: Address
  /** How the harness reaches it. Stable over kill, restart and pause. */
  readonly outside: Address
}

export type Address = { readonly host: string; readonly port: number }

export type UnitSpec = {
  readonly placement: Placement
  readonly env: Readonly<Record<string, string>>
  readonly program: ContainerProgram | ProcessProgram
}

export type ContainerProgram = {
  readonly kind: 'container'
  /** Reference that is present in the engine; see images/. */
  readonly image: string
  /** Arguments after the image's entry point; the image's own when absent. */
  readonly command?: readonly string[]
  /** Files written into the container before it starts: absolute path → content. */
  readonly files?: Readonly<Record<string, string>>
  readonly memoryBytesMax?: number
  /** The data folder is a disk of its own of this size, in memory. It outlives the program as any data folder does. */
  readonly dataBytesMax?: number
  /** The image has the data folder, writable for its user; otherwise it is made, which takes some 0.1 s. */
  readonly bringsDataFolder?: boolean
}

export type ProcessProgram = {
  readonly kind: 'process'
  readonly command: string
  readonly args: readonly string[]
}

export type Unit = AsyncDisposable & {
  readonly name: string
  readonly placement: Placement
  inspect(): Promise<UnitState>
  /** Sends a signal. For SIGKILL it resolves when the program is gone. */
  kill(signal: NodeJS.Signals): Promise<void>
  /** Starts the same unit again, same addresses, same data folder, after it ended. */
  restart(): Promise<void>
  /** SIGTERM, then SIGKILL after the grace. Resolves when the program is gone. */
  stop(options: { readonly graceMs: number }): Promise<void>
  pause(): Promise<void>
  unpause(): Promise<void>
  stats(): Promise<UnitStats>
  /** Only where the kernel keeps an account of its own for the unit: containers. */
  readonly controlGroup?: ControlGroup
  /** Only where the process can be reached from here: this machine, Linux. */
  readonly openFiles?: OpenFiles
  /** Only for a unit that was started with `dataBytesMax`. */
  readonly dataDisk?: DataDisk | undefined
  /** Only where a container can be put beside it. */
  readonly network?: UnitNetwork
  /** Every line since the first start, then each new one; restarts included. */
  onLine(listener: (line: LogLine) => void): Disposable
  /** All lines kept so far, also after the unit ended or failed to start. */
  logs(): readonly LogLine[]
}

export type UnitState = {
  readonly status: 'running' | 'paused' | 'exited'
  /** Process id on the engine's host; absent when not running. Changes with each restart. */
  readonly pid?: number
  readonly exitCode?: number
  readonly oomKilled?: boolean
}

export type UnitStats = {
  /** CPU time used since the start of the program, in seconds. */
  readonly cpuSeconds: number
  readonly memoryBytes: number
}

export type LogLine = {
  /** Wall clock in ms since the epoch, when the line was seen. */
  readonly at: number
  readonly stream: 'stdout' | 'stderr'
  readonly text: string
}
