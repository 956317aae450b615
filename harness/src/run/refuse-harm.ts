/** What Squall did not start is never harmed. The environment may have put a stranger where the spec says `auto`. */
import type { EngineKind } from '../environment/engine.ts'
import { resolveSource } from '../services/source.ts'
import type { Experiment } from '../spec/experiment.ts'
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
    if (resolveSource(step.on, source, engine, env).kind !== 'url') return []
    const variable = `SQUALL_${step.on.toUpperCase()}_URL`
    return [
      `faults.${index}: ${step.on} comes from ${variable} and is never harmed; unset it or drop the fault`,
    ]
  })
  if (problems.length > 0) throw new InvalidExperiment(problems, experiment.title)
}
