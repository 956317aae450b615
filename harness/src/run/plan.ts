/** What a run would do to whom, without doing it: the plan with its targets drawn and its means named. */
import type { EngineKind } from '../environment/engine.ts'
import { faultCatalog } from '../faults/catalog.ts'
import { resolveSource } from '../services/source.ts'
import { chooseTargets } from '../spec/blast-radius.ts'
import type { Experiment } from '../spec/experiment.ts'
import { type FaultStep, faultName } from '../spec/fault-plan.ts'
import { momentInWords } from '../spec/moment.ts'
import { servicesOf } from '../spec/topology.ts'
import { withoutCredentials } from '../support/errors.ts'
import { placeOf } from './place.ts'
import { harmable, refuseHarm } from './refuse-harm.ts'

/** Rounds of a repeated step that are told; with the seed the others are as fixed as these. */
const roundsTold = 5

export type Plan = {
  readonly title: string
  readonly seed: number
  readonly engine: EngineKind
  /** Service -> what would stand behind it: "twin", "image my/comfy:1", "url http://gpu:7860". */
  readonly services: Readonly<Record<string, string>>
  readonly steps: readonly PlannedStep[]
}

export type PlannedStep = {
  readonly step: number
  /** "kill of comfyui", "kill of one". */
  readonly fault: string
  readonly when: string
  readonly forMs: number
  /** By which means: "engine", "control group". */
  readonly rung: string
  /** Targets of each round; the first ones of a step that is repeated. */
  readonly rounds: readonly (readonly string[])[]
}

/** Starts nothing. @throws InvalidExperiment, as the run would. */
export function planOf(
  experiment: Experiment,
  engine: EngineKind,
  env: Readonly<Record<string, string | undefined>>,
): Plan {
  refuseHarm(experiment, engine, env)
  const candidates = harmable(experiment, engine, env)
  const { title, seed, topology } = experiment
  const services = servicesOf(topology).map((name) => {
    const source = resolveSource(name, topology[name] ?? 'auto', engine, env)
    return [name, [source.kind, ...addressOf(source)].join(' ')] as const
  })
  const steps = experiment.faults.map((step, index): PlannedStep => {
    const offer = faultCatalog[step.fault.kind].available(placeOf(engine))
    return {
      step: index,
      fault: faultName(step.fault, String(step.on)),
      when: momentInWords(step.when),
      forMs: step.forMs,
      rung: offer.available ? offer.rung : 'none',
      rounds: Array.from({ length: roundsOf(step) }, (_, round) =>
        chooseTargets(step.on, candidates, { seed, step: index, round }),
      ),
    }
  })
  return { title, seed, engine, services: Object.fromEntries(services), steps }
}

function addressOf(source: ReturnType<typeof resolveSource>): string[] {
  if (source.kind === 'image') return [source.reference]
  return source.kind === 'url' ? [withoutCredentials(source.url)] : []
}

function roundsOf({ when }: FaultStep): number {
  return 'everyMs' in when ? Math.min(when.times ?? roundsTold, roundsTold) : 1
}

/** For people, one line per step. */
export function planLines(plan: Plan): string[] {
  const services = Object.entries(plan.services).map(([name, what]) => `${name} (${what})`)
  const steps = plan.steps.map(({ step, fault, when, forMs, rung, rounds }) => {
    const whom = rounds.map((targets) => targets.join(' + ')).join(', then ')
    return `  ${step}  ${when}: ${fault} for ${forMs} ms, hits ${whom} (${rung})`
  })
  return [
    `${plan.title} (seed ${plan.seed}, ${plan.engine} engine): ${services.join(', ')}`,
    ...(steps.length === 0 ? ['  nothing would be harmed'] : steps),
  ]
}
