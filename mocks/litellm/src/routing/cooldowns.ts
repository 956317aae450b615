/**
 * Which deployments are left alone for a while because they failed, by LiteLLM's rules (cooldown_handlers.py of
 * 1.101.6): every 429 of a deployment that has a sibling; failures that are not worth a retry (401, 404 and the
 * like) even without one; more than half of at least five calls of a minute; or, where `allowed_fails` is set, more
 * failures than that within one cooldown. A deployment that is alone is spared the rules on shares and 429.
 */
import type { Routing } from '../config/config.ts'
import type { Deployment } from '../config/deployment.ts'
import type { ModelFailure } from './model-failure.ts'
import { failuresAllowed, isRetriedStatus } from './policies.ts'

const minuteMs = 60_000
const failedShareMax = 0.5
const callsMin = 5
/** So many failures in a row cool even a deployment that is alone. */
const aloneCallsMin = 1000

type Tally = { readonly untilMs: number; count: number }
type Cooldown = { readonly untilMs: number; readonly seconds: number }

export class Cooldowns {
  readonly #routing: Routing
  readonly #now: () => number
  readonly #tallies = new Map<string, Tally>()
  readonly #cooling = new Map<string, Cooldown>()

  constructor(routing: Routing, now: () => number) {
    this.#routing = routing
    this.#now = now
  }

  noteSuccess({ id }: Deployment): void {
    this.#count(`${id} successes`, minuteMs)
  }

  /** Counts a failure; the deployment may cool down for it. `siblings` counts the deployment itself. */
  noteFailure(deployment: Deployment, failure: ModelFailure, siblings: number): void {
    const { id, cooldownSeconds } = deployment
    this.#count(`${id} failures`, minuteMs)
    const { retryAfterSeconds } = failure.fields
    const seconds = cooldownSeconds ?? retryAfterSeconds ?? this.#routing.cooldownSeconds
    if (this.#routing.isCooldownDisabled || seconds === 0 || !isBlamed(failure)) return
    if (!this.#isTooMuch(deployment, failure, siblings)) return
    this.#cooling.set(id, { untilMs: this.#now() + seconds * 1000, seconds })
  }

  isCooling({ id }: Deployment): boolean {
    return this.#cooldownOf(id) !== undefined
  }

  /** What LiteLLM tells a client to wait: the shortest cooldown, not what is left of it. */
  secondsOf(deployments: readonly Deployment[]): number {
    const all = deployments.flatMap(({ id }) => this.#cooldownOf(id)?.seconds ?? [])
    return all.length === 0 ? this.#routing.cooldownSeconds : Math.min(...all)
  }

  #isTooMuch(deployment: Deployment, failure: ModelFailure, siblings: number): boolean {
    const { id } = deployment
    const isAlone = siblings === 1
    if (deployment.allowedFails !== undefined) {
      return !isAlone && this.#exceeds(`${id} generic`, deployment.allowedFails, deployment.cooldownSeconds)
    }
    const allowed = failuresAllowed(this.#routing, failure)
    if (allowed !== undefined) return this.#exceeds(`${id} allowed`, allowed, undefined)
    const [failures, successes] = [this.#counted(`${id} failures`), this.#counted(`${id} successes`)]
    const calls = failures + successes
    return (
      (failure.fields.status === 429 && !isAlone) ||
      (successes === 0 && calls >= aloneCallsMin) ||
      (failures / calls > failedShareMax && calls >= callsMin && !isAlone) ||
      !isRetriedStatus(failure.fields.status)
    )
  }

  /** The count stays where it is once it is full; it is forgotten a cooldown after it began. */
  #exceeds(name: string, allowed: number, seconds: number | undefined): boolean {
    if (this.#counted(name) + 1 > allowed) return true
    this.#count(name, (seconds ?? this.#routing.cooldownSeconds) * 1000)
    return false
  }

  #cooldownOf(id: string): Cooldown | undefined {
    const cooldown = this.#cooling.get(id)
    return cooldown !== undefined && cooldown.untilMs > this.#now() ? cooldown : undefined
  }

  #count(name: string, forMs: number): void {
    const tally = this.#tallies.get(name)
    if (tally !== undefined && tally.untilMs > this.#now()) tally.count += 1
    else this.#tallies.set(name, { untilMs: this.#now() + forMs, count: 1 })
  }

  #counted(name: string): number {
    const tally = this.#tallies.get(name)
    return tally !== undefined && tally.untilMs > this.#now() ? tally.count : 0
  }
}

/** Whether a failure may cool a deployment at all: no client's mistake, and no broken connection. */
function isBlamed({ said, fields: { status } }: ModelFailure): boolean {
  if (said.includes('APIConnectionError')) return false
  return status < 400 || status >= 500 || [401, 404, 408, 429].includes(status)
}
