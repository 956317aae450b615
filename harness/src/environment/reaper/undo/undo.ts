/**
 * How a fault is undone, as plain data: it is written to the reaper before the fault is applied, and the reaper does it
 * when the harness goes. It names units, never containers or process ids, so that the reaper can only reach what
 * belongs to its own run. A kind is one file beside this one, listed in catalog.ts.
 */
import type { AskDocker } from '../docker-socket.ts'

export type Undo =
  /** Thaws a unit. */
  | { readonly kind: 'unpause'; readonly unit: string }
  /** Starts a unit that has ended. */
  | { readonly kind: 'restart'; readonly unit: string }
  /**
   * Heals a fault at the control port of a twin, which others may have armed faults at too. Without `fault` all of
   * them: the id of a fault is not known before it is armed. `port` is the one the twin itself listens on.
   */
  | {
      readonly kind: 'disarm'
      readonly unit: string
      readonly port: number
      readonly token: string
      readonly fault?: string
    }
  /** Gives a unit the limits it had. */
  | { readonly kind: 'limits'; readonly unit: string; readonly limits: Limits }
  /**
   * Lets the process of a unit open files up to this number again, and removes the container that limited it. `user` is
   * that of the process, "0:0".
   */
  | { readonly kind: 'open-files'; readonly unit: string; readonly max: number; readonly user: string }
  /** Makes the data disk of a unit writable again and removes what fills it. `folder` is where it is mounted. */
  | { readonly kind: 'free-disk'; readonly unit: string; readonly folder: string }
  /** Removes a unit that only serves the fault: a side container. */
  | { readonly kind: 'remove'; readonly unit: string }

export type UndoKind = Undo['kind']

/** Names and values of the Docker API's "update"; CpuQuota -1 lifts a quota, 0 changes nothing. */
export type Limits = Readonly<Partial<Record<(typeof limitNames)[number], number>>>
export const limitNames = ['CpuQuota', 'CpuPeriod', 'Memory', 'MemorySwap', 'PidsLimit'] as const

/** `not needed`: there was nothing to undo. `moot`: this engine has no such thing, or the unit is gone. */
export type UndoOutcome = 'healed' | 'not needed' | 'moot'

export type UndoWay<Kind extends UndoKind = UndoKind> = {
  readonly kind: Kind
  /** Whether its own fields, besides `unit`, are as they should be: the line comes from outside. */
  readonly isComplete: (fields: Readonly<Record<string, unknown>>) => boolean
  /** Undoes it; a second time does nothing. Throws when it cannot. */
  readonly inContainer: (undo: UndoOf<Kind>, hands: ContainerHands) => Promise<UndoOutcome>
  readonly inProcess: (undo: UndoOf<Kind>, hands: ProcessHands) => Promise<UndoOutcome>
}
export type UndoOf<Kind extends UndoKind> = Extract<Undo, { kind: Kind }>

/** What an undo may use in the docker engine. */
export type ContainerHands = {
  /** Id of the container of a unit of the run; undefined when there is none. */
  readonly containerOf: (unit: string) => Promise<string | undefined>
  readonly ask: AskDocker
}

/** What an undo may use in the process engine. */
export type ProcessHands = {
  /** Id of the process (group) of a unit of the run; undefined when it has ended. */
  readonly processOf: (unit: string) => number | undefined
}
