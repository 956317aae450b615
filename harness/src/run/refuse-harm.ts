/**
 * What Squall did not start is never harmed, and what is no twin has no fault points. The environment may have put
 * either where the spec says `auto`.
 */
import type { EngineKind } from '../environment/engine.ts'
import { resolveSource } from '../services/source.ts'
import type { Experiment } from '../spec/experiment.ts'
import type { FaultStep } from '../spec/fault-plan.ts'
import { isUpstreamPoint } from '../spec/protocol-fault.ts'
import { InvalidExperiment } from '../spec/validate.ts'

/** @throws InvalidExperiment before anything is started. */
export function refuseHarmToStrangers(
  experiment: Experiment,
  engine: EngineKind,
  env: Readonly<Record<string, string | undefined>>,
): void {
  const problems = experiment.faults.flatMap((step, index) => {
    const source = experiment.topology[step.on]
    if (source === undefined || step.fault.kind === 'noop') return []
    const { kind } = resolveSource(step.on, source, engine, env)
    if (kind !== 'url') return needsTwin(step) && kind !== 'twin' ? [noPoints(index, step)] : []
    const variable = `SQUALL_${step.on.toUpperCase()}_URL`
    return [
      `faults.${index}: ${step.on} comes from ${variable} and is never harmed; unset it or drop the fault`,
    ]
  })
  if (problems.length > 0) throw new InvalidExperiment(problems, experiment.title)
}

/** Points of the upstream are always those of a twin. */
function needsTwin({ fault }: FaultStep): boolean {
  return fault.kind === 'protocol' && !isUpstreamPoint(fault.point)
}

function noPoints(index: number, { on }: FaultStep): string {
  const upstream = on === 'litellm' ? ', or break its upstream at a point that begins with openai.' : ''
  return `faults.${index}: ${on} runs for real and has no fault points; say "${on}: twin" in topology${upstream}`
}
