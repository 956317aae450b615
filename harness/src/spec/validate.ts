/** Refuses a bad experiment before anything is started, with the place and the reason. */
import type { z } from 'zod'
import { SquallError } from '../support/errors.ts'
import { type Experiment, type ExperimentInput, experimentSchema } from './experiment.ts'
import { ownerOf } from './protocol-fault.ts'
import { serviceOfJob } from './workload-plan.ts'

/** More than this helps nobody to correct the first. */
const problemsMax = 8

export class InvalidExperiment extends SquallError {
  constructor(problems: readonly string[], source: string) {
    const more = problems.length > problemsMax ? ` (and ${problems.length - problemsMax} more)` : ''
    const shown = problems.slice(0, problemsMax).map((problem) => problem.slice(0, 300))
    super(
      'invalid-experiment',
      `Cannot use ${source}: ${shown.join('; ')}${more}; correct it and run it again`,
    )
  }
}

/**
 * Fills in the defaults and checks what a schema alone cannot see.
 * @param source Named in the error: a file path, or "the experiment".
 * @throws InvalidExperiment with every problem found, each with its path.
 */
export function validateExperiment(input: unknown, source = 'the experiment'): Experiment {
  const parsed = experimentSchema.safeParse(input)
  if (!parsed.success) throw new InvalidExperiment(parsed.error.issues.map(describeIssue), source)
  const problems = crossCheck(parsed.data)
  if (problems.length > 0) throw new InvalidExperiment(problems, source)
  return parsed.data
}

/** Declares an experiment in TypeScript. @throws InvalidExperiment */
export function defineExperiment(input: ExperimentInput): Experiment {
  return validateExperiment(input)
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const place = issue.path.length === 0 ? 'top level' : issue.path.join('.')
  return `${place}: ${issue.message}`
}

function crossCheck(experiment: Experiment): string[] {
  const problems: string[] = []
  for (const kind of new Set(experiment.workload.mix)) {
    const service = serviceOfJob[kind]
    if (experiment.topology[service] === undefined) {
      problems.push(`workload.mix: ${kind} jobs need ${service}, which topology does not name`)
    }
  }
  for (const [index, step] of experiment.faults.entries()) {
    const source = experiment.topology[step.on]
    if (source === undefined) {
      problems.push(`faults.${index}.on: ${step.on} is not in topology`)
    } else if (typeof source === 'object' && 'url' in source && step.fault.kind !== 'noop') {
      problems.push(`faults.${index}: ${step.on} was not started by Squall (url), so it is never harmed`)
    }
  }
  return [...problems, ...foreignPoints(experiment), ...overlaps(experiment)]
}

/** A point belongs to one service; on another it would never be met. */
function foreignPoints({ faults }: Experiment): string[] {
  return faults.flatMap(({ on, fault }, index) => {
    if (fault.kind !== 'protocol' || ownerOf(fault.point) === on) return []
    return [`faults.${index}.on: ${fault.point} is a point of ${ownerOf(fault.point)}, not of ${on}`]
  })
}

/** Two faults of a kind on one target at overlapping fixed times would undo each other. */
function overlaps(experiment: Experiment): string[] {
  const problems: string[] = []
  const timed = experiment.faults.flatMap((step, index) =>
    'afterMs' in step.when
      ? [{ step, index, from: step.when.afterMs, to: step.when.afterMs + step.forMs }]
      : [],
  )
  for (const a of timed) {
    for (const b of timed) {
      // Protocol faults are many kinds in one: each is at its own point, and a twin takes any number of them.
      const isRepeated = a.step.fault.kind === b.step.fault.kind && a.step.fault.kind !== 'protocol'
      const same = a.step.on === b.step.on && isRepeated
      if (a.index < b.index && same && a.from < b.to && b.from < a.to) {
        problems.push(`faults.${b.index}: overlaps faults.${a.index} (${a.step.fault.kind} on ${a.step.on})`)
      }
    }
  }
  return problems
}
