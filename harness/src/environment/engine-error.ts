/**
 * What can go wrong with an engine. Callers match the code; the message says what to do about it.
 */
import { SquallError } from '../support/errors.ts'

export type EngineErrorCode =
  /** No container engine answers. */
  | 'engine-unreachable'
  /** The engine was disposed already. */
  | 'engine-closed'
  /** The program could not be started at all. One that starts and then dies is no error; see `inspect`. */
  | 'unit-failed'
  /** The unit must run for this, and does not. */
  | 'not-running'
  /** The unit must have ended for this, and runs. */
  | 'already-running'
  /** A unit or network of that name exists. */
  | 'name-conflict'
  | 'port-in-use'
  | 'image-missing'
  | 'no-disk-space'
  /** The engine has no address range left for one more network. */
  | 'no-network-space'
  /** The reaper could not be started; without it nothing else is. */
  | 'reaper-failed'
  /** The reaper died during the run: a crash of the harness would now leave things behind. */
  | 'reaper-lost'
  /** An environment that was left up is not there any more, or its reaper does not answer. */
  | 'environment-gone'
  /** Somebody else has a fault in force that would undo this one. */
  | 'fault-in-force'
  /** Something of the run is still there after dispose. */
  | 'left-behind'

export class EngineError extends SquallError<EngineErrorCode> {}

/** Told when the reaper of a run died before the run ended; the run should then end as broken. */
export type ReaperLost = (error: EngineError) => void
