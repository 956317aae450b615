/**
 * What is wrong with a fault plan as a whole: steps that wait for the future, faults that would undo each other, more
 * services hit than allowed. Only what is certain beforehand; for the rest the nemesis keeps the same rules in the run.
 */
import { chooseTargets, radiusOf } from './blast-radius.ts'
import { claimOf, type FaultStep } from './fault-plan.ts'
import type { ServiceName } from './topology.ts'

/** Rounds of a repeated step that are looked at. */
const roundsMax = 50

export type PlanContext = {
  readonly seed: number
  /** Services that may be harmed. */
  readonly candidates: readonly ServiceName[]
  readonly blastRadiusMax: number
}

/** One problem per line, each with its place. */
export function planConflicts(plan: readonly FaultStep[], context: PlanContext): string[] {
  return [
    ...plan.flatMap((step, index) => stepProblems(step, index, context)),
    ...overlaps(plan.flatMap((step, index) => windowsOf(step, index, context))),
    ...crowds(
      plan.flatMap((step, index) => windowsOf(step, index, context)),
      context.blastRadiusMax,
    ),
  ]
}

function stepProblems({ when, on, fault }: FaultStep, index: number, context: PlanContext): string[] {
  const problems: string[] = []
  if ('afterStep' in when && when.afterStep >= index) {
    problems.push(
      `faults.${index}.when.afterStep: step ${when.afterStep} does not come before this one; name an earlier step`,
    )
  }
  const hit = radiusOf(on, context.candidates.length)
  if (hit === 0) {
    const of = context.candidates.length
    problems.push(
      `faults.${index}.on: ${String(on)} of ${of} ${of === 1 ? 'service' : 'services'} is nobody; name them`,
    )
  }
  if (fault.kind !== 'noop' && hit > context.blastRadiusMax) {
    problems.push(`faults.${index}.on: hits ${hit} services, and blastRadiusMax is ${context.blastRadiusMax}`)
  }
  return problems
}

/** One fault on one target, at a time that is known beforehand. */
type Window = {
  readonly step: number
  readonly on: ServiceName
  readonly fault: FaultStep['fault']
  readonly from: number
  readonly to: number
}

function windowsOf(step: FaultStep, index: number, { seed, candidates }: PlanContext): Window[] {
  return startsOf(step).flatMap((from, round) =>
    chooseTargets(step.on, candidates, { seed, step: index, round }).map((on) => ({
      ...{ step: index, on, fault: step.fault, from },
      to: from + step.forMs,
    })),
  )
}

function startsOf({ when }: FaultStep): number[] {
  if ('afterMs' in when) return [when.afterMs]
  if (!('everyMs' in when)) return []
  const rounds = Math.min(when.times ?? roundsMax, roundsMax)
  return Array.from({ length: rounds }, (_, round) => when.fromMs + round * when.everyMs)
}

function overlaps(windows: readonly Window[]): string[] {
  const problems = new Set<string>()
  for (const a of windows) {
    for (const b of windows) {
      const claim = claimOf(a.fault)
      const same = a.on === b.on && claim !== undefined && claim === claimOf(b.fault)
      if (a.step < b.step && same && meet(a, b)) {
        const both = a.fault.kind === 'network' && b.fault.kind === 'network'
        const advice = both ? '; write both into one, separated by a comma' : ''
        problems.add(
          `faults.${b.step}: overlaps faults.${a.step} (${b.fault.kind} and ${a.fault.kind} on ${a.on})${advice}`,
        )
      }
    }
  }
  return [...problems]
}

/** Times at which steps together hit more services than allowed; a step alone is told of above. */
function crowds(windows: readonly Window[], max: number): string[] {
  const harmful = windows.filter(({ fault }) => fault.kind !== 'noop')
  for (const { from } of harmful) {
    const open = harmful.filter((other) => other.from <= from && from < other.to)
    const hit = new Set(open.map(({ on }) => on))
    const steps = new Set(open.map(({ step }) => step))
    if (hit.size > max && steps.size > 1) {
      const which = [...steps].map((step) => `faults.${step}`).join(' and ')
      return [`${which}: together hit ${[...hit].join(', ')} at ${from} ms, and blastRadiusMax is ${max}`]
    }
  }
  return []
}

function meet(a: Window, b: Window): boolean {
  return a.from < b.to && b.from < a.to
}
