/** Refuses a bad experiment before anything is started, with the place and the reason. */
import type { z } from 'zod'
import { SquallError } from '../support/errors.ts'
import { namedIn } from './blast-radius.ts'
import { type Experiment, type ExperimentInput, experimentSchema } from './experiment.ts'
import type { FaultSpec } from './fault-plan.ts'
import { issueText } from './issue-text.ts'
import { ownPeers, peersNamed } from './peers.ts'
import { type PlanContext, planConflicts } from './plan-conflicts.ts'
import { ownerOf } from './protocol-fault.ts'
import { type ServiceName, type ServiceSource, serviceNames, servicesOf } from './topology.ts'
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
  const parsed = experimentSchema.safeParse(input, { error: issueText })
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
    for (const on of namedIn(step.on) ?? []) {
      const source = experiment.topology[on]
      if (source === undefined) {
        problems.push(`faults.${index}.on: ${on} is not in topology`)
      } else if (isExternal(source) && step.fault.kind !== 'noop') {
        problems.push(`faults.${index}: ${on} was not started by Squall (url), so it is never harmed`)
      }
    }
  }
  problems.push(...missingPeers(experiment))
  if (problems.length > 0) return problems
  return [...foreignPoints(experiment), ...planConflicts(experiment.faults, planContext(experiment))]
}

/** @param candidates Services that may be harmed; by default all that Squall starts. */
export function planContext(
  experiment: Experiment,
  candidates: readonly ServiceName[] = servicesOf(experiment.topology).filter(
    (name) => !isExternal(experiment.topology[name]),
  ),
): PlanContext {
  const blastRadiusMax = experiment.blastRadiusMax ?? serviceNames.length
  return { seed: experiment.seed, candidates, blastRadiusMax }
}

function isExternal(source: ServiceSource | undefined): boolean {
  return typeof source === 'object' && 'url' in source
}

/** What belongs to one service would never be met on another: a point, and the way to what stands behind LiteLLM. */
function foreignPoints({ faults }: Experiment): string[] {
  return faults.flatMap(({ on, fault }, index) => {
    if (fault.kind === 'link' && fault.toward === 'upstream' && namedIn(on)?.join() !== 'litellm') {
      return [`faults.${index}.fault.toward: only litellm has an upstream; say "on: litellm"`]
    }
    if (fault.kind !== 'protocol' || namedIn(on)?.join() === ownerOf(fault.point)) return []
    return [`faults.${index}.on: ${fault.point} is a point of ${ownerOf(fault.point)}, not of ${String(on)}`]
  })
}

/** A peer that is named must have an address in the network of the run, and be somebody else than the target. */
function missingPeers({ faults, topology }: Experiment): string[] {
  return faults.flatMap(({ fault, on }, index) => {
    const isThere = (peer: string): boolean => {
      const source = topology[peer === 'upstream' ? 'litellm' : (peer as ServiceName)]
      return source !== undefined && !isExternal(source)
    }
    const missing = peersNamed(fault)
      .filter((peer) => !isThere(peer))
      .map(
        (peer) =>
          `faults.${index}.fault.${placeOfPeers(fault)} ${peer} is not started by Squall${advice(fault)}`,
      )
    const hit: readonly string[] = namedIn(on) ?? servicesOf(topology)
    // Whoever names services may be told which of them a word would draw.
    return [
      ...missing,
      ...ownPeers(fault, hit).map(
        (peer) => `faults.${index}.on: ${peer} may be hit, and cannot be its own peer; name others`,
      ),
    ]
  })
}

function placeOfPeers({ kind }: FaultSpec): string {
  if (kind === 'network') return 'impair: peer'
  return kind === 'dns' ? 'names:' : 'from:'
}

function advice({ kind }: FaultSpec): string {
  return kind === 'network' ? '; give its address' : '; name one of the topology'
}
