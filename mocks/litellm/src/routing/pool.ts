/** The deployments of a gateway: who shares an alias, who is left alone for now, and whose turn it is. */
import type { Faults } from '@squall/twin-kit'
import type { Deployment } from '../config/deployment.ts'
import type { LiteLlmPoint } from '../points.ts'
import { pythonRepr } from '../python-repr.ts'
import type { Cooldowns } from './cooldowns.ts'
import { ModelFailure } from './model-failure.ts'
import type { Crowd } from './policies.ts'

export type PoolTools = {
  readonly cooldowns: Cooldowns
  readonly faults: Pick<Faults<LiteLlmPoint>, 'step' | 'decide'>
  readonly random: () => number
}

export class Pool {
  readonly #deployments: readonly Deployment[]
  readonly #cooldowns: Cooldowns
  readonly #faults: PoolTools['faults']
  readonly #random: () => number

  constructor(deployments: readonly Deployment[], { cooldowns, faults, random }: PoolTools) {
    this.#deployments = deployments
    this.#cooldowns = cooldowns
    this.#faults = faults
    this.#random = random
  }

  of(alias: unknown): readonly Deployment[] {
    return this.#deployments.filter((deployment) => deployment.alias === alias)
  }

  /** Ids of the deployments that are left alone now. */
  cooling(): readonly string[] {
    return this.#deployments.filter((one) => this.#cooldowns.isCooling(one)).map(({ id }) => id)
  }

  crowd(alias: string): Crowd {
    return { all: this.of(alias).length, healthy: this.#healthy(alias).length }
  }

  /** By chance and weight, among those of the lowest `order`. @throws ModelFailure when none is left. */
  async choose(alias: string, order?: number): Promise<Deployment> {
    const outcome = await this.#faults.step('litellm.router.choose', { model: alias })
    if (outcome.kind === 'fail') throw this.#noneLeft(alias)
    if (this.of(alias).length === 0) throw unknownAlias(alias)
    const healthy = this.#healthy(alias)
    const lowest = order ?? Math.min(...healthy.map(orderOf))
    const asked = healthy.filter((one) => orderOf(one) === lowest)
    let mark = this.#random() * asked.reduce((sum, { weight }) => sum + weight, 0)
    const chosen = asked.find(({ weight }) => {
      mark -= weight
      return mark < 0
    })
    const deployment = chosen ?? asked[0]
    if (deployment === undefined) throw this.#noneLeft(alias)
    return deployment
  }

  noteSuccess(deployment: Deployment): void {
    this.#cooldowns.noteSuccess(deployment)
  }

  /** Counts a failure against its deployment. */
  noteFailure(failure: ModelFailure): void {
    const { deployment } = failure
    if (deployment === undefined) return
    const facts = { model: deployment.alias, deployment: deployment.target }
    if (this.#faults.decide('litellm.router.cooldown', facts) !== undefined) return
    this.#cooldowns.noteFailure(deployment, failure, this.of(deployment.alias).length)
  }

  #healthy(alias: string): readonly Deployment[] {
    return this.of(alias).filter((one) => !this.#cooldowns.isCooling(one))
  }

  #noneLeft(alias: string): ModelFailure {
    const seconds = this.#cooldowns.secondsOf(this.of(alias))
    const known = `Passed model=${alias}. pre-call-checks=False, cooldown_list=${pythonRepr(this.cooling())}`
    return new ModelFailure({
      name: 'RouterRateLimitError',
      status: 429,
      said: `No deployments available for selected model, Try again in ${seconds} seconds. ${known}`,
      type: 'internal_server_error',
      headers: { 'retry-after': String(seconds) },
    })
  }
}

/** Deployments without an order come last. */
function orderOf({ order }: Deployment): number {
  return order ?? Number.POSITIVE_INFINITY
}

/** Only a fallback can name an alias that is not there; clients are refused before. */
function unknownAlias(alias: string): ModelFailure {
  const said = `litellm.BadRequestError: You passed in model=${alias}. There are no healthy deployments for this model`
  return new ModelFailure({ name: 'BadRequestError', status: 400, said, type: 'invalid_request_error' })
}
