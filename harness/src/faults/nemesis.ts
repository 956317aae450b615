/**
 * Plays a fault plan. Steps run side by side, each at its own moment; a step that waits for another comes after it, a
 * repeated one is played round by round. Each round draws its targets from the seed and hits them side by side.
 */
import { chooseTargets } from '../spec/blast-radius.ts'
import type { FaultStep } from '../spec/fault-plan.ts'
import type { Moment } from '../spec/moment.ts'
import type { PlanContext } from '../spec/plan-conflicts.ts'
import type { ServiceName } from '../spec/topology.ts'
import { sleep } from '../support/clock.ts'
import type { FaultTarget } from './fault.ts'
import { openInForce } from './in-force.ts'
import { aboutOf, type NemesisEvent, playInjection, prepareInjection } from './injection.ts'

export type NemesisOptions = PlanContext & {
  readonly plan: readonly FaultStep[]
  readonly target: (step: FaultStep, on: ServiceName) => FaultTarget | undefined
  /** Resolves true when the moment has come, false when it can no longer come. The conductor knows the history. */
  readonly reached: (moment: SeenMoment, on: ServiceName) => Promise<boolean>
  readonly emit: (event: NemesisEvent) => void
  readonly healMsMax: number
  /** Aborted when the workload is over: what has not begun by then never begins. */
  readonly over: AbortSignal
  /** Cancels the run: what is active is healed at once. */
  readonly signal: AbortSignal
}

/** A moment that can be seen in the history or on the clock. Order and repetition are the nemesis's own affair. */
export type SeenMoment = Exclude<Moment, { everyMs: number } | { afterStep: number }>

/** Resolves when every step was played and healed. @throws the first step's error, after all were healed. */
export async function playPlan(options: NemesisOptions): Promise<void> {
  const inForce = openInForce(options.blastRadiusMax)
  /** For each step begun so far: whether it was played, once all of it is healed. */
  const steps: Promise<boolean>[] = []
  for (const [index, step] of options.plan.entries()) {
    steps.push(playStep({ ...options, inForce, step, index, earlier: [...steps] }))
  }
  const played = await Promise.allSettled(steps)
  const failed = played.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}

type StepOptions = NemesisOptions & {
  readonly inForce: ReturnType<typeof openInForce>
  readonly step: FaultStep
  readonly index: number
  readonly earlier: readonly Promise<boolean>[]
}

/** @returns whether at least one round was played. */
async function playStep(options: StepOptions): Promise<boolean> {
  const { when } = options.step
  const rounds = 'everyMs' in when ? (when.times ?? Number.POSITIVE_INFINITY) : 1
  let round = 0
  while (round < rounds && (await playRound(options, round))) round += 1
  return round > 0
}

/** @returns false when the moment of this round can no longer come. */
async function playRound(options: StepOptions, round: number): Promise<boolean> {
  const { step, index, seed, candidates, emit } = options
  const targets = chooseTargets(step.on, candidates, { seed, step: index, round })
  const played = await Promise.allSettled(
    targets.map(async (on) => {
      const about = aboutOf({ step, index, round, on })
      if (round === 0) emit({ ...about, what: 'waiting' })
      const target = options.target(step, on)
      prepareInjection({ step, target })
      if (!(await momentOf(options, round, on))) {
        // That a repetition ends with the workload is no failure.
        if (round === 0) emit({ ...about, what: 'failed', error: 'its moment never came' })
        return false
      }
      await playInjection({ ...options, round, on, target })
      return true
    }),
  )
  const failed = played.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
  return played.some((result) => result.status === 'fulfilled' && result.value)
}

async function momentOf(options: StepOptions, round: number, on: ServiceName): Promise<boolean> {
  const { when } = options.step
  if ('everyMs' in when) {
    return await options.reached({ afterMs: when.fromMs + round * when.everyMs }, on)
  }
  if (!('afterStep' in when)) return await options.reached(when, on)
  const isPlayed = await options.earlier[when.afterStep]?.catch(() => false)
  if (isPlayed !== true) return false
  return await sleep(when.delayMs, options.over).then(
    () => true,
    () => false,
  )
}
