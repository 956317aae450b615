/**
 * The contract of a check: a pure function of spec and history. It does no I/O and reads no clock, so that any
 * stored run can be judged again.
 */
import type { HistoryEvent } from '../history/event.ts'
import type { CheckName, Experiment } from '../spec/experiment.ts'

/** Unknown: the history does not allow a judgement. It is never green. */
export type Outcome = 'pass' | 'fail' | 'unknown'

export type CheckResult = {
  readonly outcome: Outcome
  /** One sentence for people, with the names and figures that decided. */
  readonly reason: string
  /** The cases behind the sentence, one line each; at most a few dozen. */
  readonly details?: readonly string[]
}

export type Check = (experiment: Experiment, history: readonly HistoryEvent[]) => CheckResult

export type NamedResult = CheckResult & { readonly check: CheckName }
