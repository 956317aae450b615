/** Runs the checks and merges what they say: fail over unknown over pass. No checks at all is unknown. */
import type { HistoryEvent } from '../history/event.ts'
import { type CheckName, checkNames, type Experiment } from '../spec/experiment.ts'
import { messageOf } from '../support/errors.ts'
import { checkCatalog } from './catalog.ts'
import type { Check, NamedResult, Outcome } from './check.ts'
import { type Figures, figuresOf } from './figures.ts'

export type Verdict = {
  readonly outcome: Outcome
  readonly checks: readonly NamedResult[]
  readonly figures: Figures
}

/**
 * Judges a history. Never throws: a check that crashes is unknown.
 * @param catalog Other functions under the same names, for tests of the judge itself.
 */
export function judge(
  experiment: Experiment,
  history: readonly HistoryEvent[],
  catalog: Readonly<Record<CheckName, Check>> = checkCatalog,
): Verdict {
  const checks = checksOf(experiment).map((check) => runCheck(check, catalog[check], experiment, history))
  return {
    outcome: mergeOutcomes(checks.map((check) => check.outcome)),
    checks,
    figures: figuresOf(experiment, history),
  }
}

/** The checks an experiment asks for, or all that apply to it. `fault-was-felt` cannot be left out. */
export function checksOf(experiment: Experiment): readonly CheckName[] {
  const harmed = experiment.faults.some((step) => step.fault.kind !== 'noop')
  // A pass under a fault that never bit would say nothing, whatever else was asked.
  if (experiment.checks) {
    return harmed ? [...new Set([...experiment.checks, 'fault-was-felt' as const])] : experiment.checks
  }
  return checkNames.filter((name) => harmed || (name !== 'recovers-within' && name !== 'fault-was-felt'))
}

export function mergeOutcomes(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.includes('fail')) return 'fail'
  return outcomes.length > 0 && outcomes.every((outcome) => outcome === 'pass') ? 'pass' : 'unknown'
}

function runCheck(
  name: CheckName,
  check: Check,
  experiment: Experiment,
  history: readonly HistoryEvent[],
): NamedResult {
  try {
    return { check: name, ...check(experiment, history) }
  } catch (error) {
    return { check: name, outcome: 'unknown', reason: `the check itself crashed: ${messageOf(error)}` }
  }
}
