/**
 * What Squall did not start is never harmed, what is no twin has no fault points, and what this engine cannot do is not
 * begun. The environment may have put either where the spec says `auto`.
 */
import type { EngineKind } from '../environment/engine.ts'
import { faultCatalog } from '../faults/catalog.ts'
import type { Fault } from '../faults/fault.ts'
import { resolveSource } from '../services/source.ts'
import { namedIn } from '../spec/blast-radius.ts'
import type { Experiment } from '../spec/experiment.ts'
import type { FaultStep } from '../spec/fault-plan.ts'
import { planConflicts } from '../spec/plan-conflicts.ts'
import { isUpstreamPoint } from '../spec/protocol-fault.ts'
import { type ServiceName, servicesOf } from '../spec/topology.ts'
import { InvalidExperiment, planContext } from '../spec/validate.ts'
import { placeOf } from './place.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** @throws InvalidExperiment before anything is started. */
export function refuseHarm(experiment: Experiment, engine: EngineKind, env: Environment): void {
  const problems = experiment.faults.flatMap((step, index) => [
    ...strangers(experiment, step, index, engine, env),
    ...impossible(step, index, engine),
  ])
  const context = planContext(experiment, harmable(experiment, engine, env))
  if (problems.length === 0) problems.push(...planConflicts(experiment.faults, context))
  if (problems.length > 0) throw new InvalidExperiment(problems, experiment.title)
}

/** The services of the topology that Squall starts itself, in a fixed order: the candidates of `one` and `all`. */
export function harmable(experiment: Experiment, engine: EngineKind, env: Environment): ServiceName[] {
  return servicesOf(experiment.topology).filter((name) => sourceOf(experiment, name, engine, env) !== 'url')
}

function sourceOf(experiment: Experiment, name: ServiceName, engine: EngineKind, env: Environment) {
  const source = experiment.topology[name]
  return source === undefined ? undefined : resolveSource(name, source, engine, env).kind
}

function strangers(
  experiment: Experiment,
  step: FaultStep,
  index: number,
  engine: EngineKind,
  env: Environment,
): string[] {
  if (step.fault.kind === 'noop') return []
  return (namedIn(step.on) ?? []).flatMap((on) => {
    const kind = sourceOf(experiment, on, engine, env)
    if (kind === undefined) return []
    if (kind !== 'url') return needsTwin(step) && kind !== 'twin' ? [noPoints(index, on)] : []
    const variable = `SQUALL_${on.toUpperCase()}_URL`
    return [`faults.${index}: ${on} comes from ${variable} and is never harmed; unset it or drop the fault`]
  })
}

function impossible({ fault }: FaultStep, index: number, engine: EngineKind): string[] {
  const place = placeOf(engine)
  // The cast: TypeScript cannot see that the entry of a kind takes that kind's spec.
  const kind = faultCatalog[fault.kind] as unknown as Fault
  const offer = kind.available(place)
  const refusal = offer.available ? kind.refuses?.(fault, place) : undefined
  if (refusal !== undefined) return [`faults.${index}.fault: ${refusal}`]
  if (offer.available) return []
  return [`faults.${index}.fault: ${fault.kind} cannot be done on the ${engine} engine: ${offer.reason}`]
}

/** Points of the upstream are always those of a twin. */
function needsTwin({ fault }: FaultStep): boolean {
  return fault.kind === 'protocol' && !isUpstreamPoint(fault.point)
}

function noPoints(index: number, on: ServiceName): string {
  const upstream = on === 'litellm' ? ', or break its upstream at a point that begins with openai.' : ''
  return `faults.${index}: ${on} runs for real and has no fault points; say "${on}: twin" in topology${upstream}`
}
