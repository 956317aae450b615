/**
 * What only some engines can do to a unit, each as narrow as the fault that needs it. A unit without the ability does
 * not have the field; whoever needs it asks beforehand (`Fault.available`) and says so.
 */
import type { AgentClient, EffectClient, EffectName, Effects } from '@squall/netem'
import type { Limits, Undo } from './reaper/undo/undo.ts'

/** The kernel's account of what a unit uses, and its limits, changed while it runs. */
export type ControlGroup = {
  /** Sets the limits that are named; `null` gives back what the unit was started with. Works on an ended unit too. */
  limit(limits: GroupLimits): Promise<void>
  /** What `limit` would send to the engine, for the reaper to send it. */
  asUpdate(limits: GroupLimits): Promise<Limits>
  usage(): Promise<GroupUsage>
}

export type GroupLimits = {
  /** Processors' worth of time. */
  readonly cpus?: number | null
  readonly memoryBytes?: number | null
  /** Processes and threads together. */
  readonly tasks?: number | null
}

export type GroupUsage = {
  /** How often the unit wanted to compute and was not let, in periods of 0.1 s since its start. */
  readonly throttledPeriods: number
  /** What counts against the limit and cannot be taken back. */
  readonly memoryBytes: number
  readonly tasks: number
}

/** The file descriptors of a unit's process: files, pipes and sockets. */
export type OpenFiles = {
  /** What takes a while of the first call, done ahead; where nothing does, it is missing. Never rejects. */
  prepare?(): Promise<void>
  /** How many are open, and the lowest number that is free. */
  count(): Promise<{ readonly open: number; readonly firstFree: number; readonly limit: number }>
  /** No descriptor gets this number or a higher one from now on; those that are open stay so. */
  limit(max: number): Promise<void>
  /** What the reaper has to do so that this is the limit again; nothing where the process ends with its harness. */
  undo(max: number): Undo | undefined
  /** Takes away what served to limit them. */
  close(): Promise<void>
}

/** The data folder of a unit that was started with one of a fixed size. */
export type DataDisk = {
  readonly sizeBytes: number
  freeBytes(): Promise<number>
  /** Takes all the room there is. */
  fill(): Promise<void>
  /** Gives back what `fill` took. */
  clear(): Promise<void>
  /** Nothing can be written any more, until `unseal`. Fails while a file is open for writing. */
  seal(): Promise<void>
  unseal(): Promise<void>
  /** Writes a little and takes it away again: "EROFS", or nothing when that went well. */
  writeFailure(): Promise<string | undefined>
  /** What the reaper has to do to undo both. */
  readonly undo: Undo
}

/** The network of a unit: what is done to it is done by agents in containers beside it, each for one sort of harm. */
export type UnitNetwork = {
  readonly packets: SideAgent<NetworkAgent>
  readonly effects: { readonly [Name in EffectName]: SideAgent<EffectAgent<Name>> }
  /** The address of another unit of the run in their common network. @throws EngineError */
  addressOf(unit: string): Promise<string>
  /** Tells each end and start of the unit from now on: one that is started again has a new network. */
  watch(listener: (what: 'ended' | 'started') => void): Promise<Disposable>
}

export type SideAgent<Agent> = {
  /**
   * What the container beside it is called, as a unit of the run. Whatever is in force ends when it is removed, so
   * that is what the reaper is told (`remove`) before harm is done.
   */
  readonly sideUnit: string
  /** Starts an agent in the network that the unit has now; nothing is in force yet. @throws EngineError `not-running` */
  open(): Promise<Agent>
  /** Starts one ahead, which the next `open` gets. Never rejects: `open` tells why there can be none. */
  standBy(): Promise<void>
}

export type EffectAgent<Name extends EffectName> = Omit<EffectClient<Name>, 'end'> & {
  /** Heals, and the container is gone. The last receipt, if the agent left one. */
  close(): Promise<Effects[Name]['receipt'] | undefined>
  readonly gone: Promise<void>
}

export type NetworkAgent = Omit<AgentClient, 'end'> & {
  /** Heals: packets that are held are handed on, and the container is gone. The last receipt, if the agent left one. */
  close(): ReturnType<AgentClient['end']>
  /** Resolves when the container is gone, whoever ended it. */
  readonly gone: Promise<void>
}
