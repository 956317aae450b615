/**
 * LiteLLM's router, between the alias a client asks for and the call of an upstream:
 *
 *   alias -> choose a deployment -> attempt -> retries of the same alias -> fallbacks to other aliases
 *
 * All rules are those of router.py 1.101.6 in the mode `simple-shuffle`; the contract compares them on the real one.
 * Missing: limits per minute, tags, model group aliases, wildcards, weighted failover, pre-call checks.
 */
import type { Faults, VirtualClock } from '@squall/twin-kit'
import type { GatewayConfig, Routing } from '../config/config.ts'
import type { Deployment } from '../config/deployment.ts'
import type { LiteLlmPoint } from '../points.ts'
import { pythonRepr } from '../python-repr.ts'
import { Cooldowns } from './cooldowns.ts'
import { type ClientFallbacks, fallbackTargets, isAliases, listedTargets } from './fallback-targets.ts'
import { ModelFailure } from './model-failure.ts'
import { isWorthRetrying, retriesGranted, waitMs } from './policies.ts'
import { Pool } from './pool.ts'

export type RoutedRequest<Value> = {
  readonly alias: string
  /** One call of one deployment. @throws ModelFailure */
  readonly attempt: (deployment: Deployment) => Promise<Value>
  /** Wanted by the client; wins over every setting. */
  readonly numRetries: number | undefined
  readonly fallbacks: ClientFallbacks | undefined
  readonly isFallbackDisabled: boolean
  /** The client has set its own timeout: what it cuts is nobody's fault. */
  readonly hasOwnTimeout: boolean
  /** Fails every alias before it is tried (`mock_testing_*`). */
  readonly rehearse?: ((alias: string, depth: number) => ModelFailure | undefined) | undefined
}

export type Routed<Value> = {
  readonly value: Value
  readonly deployment: Deployment
  readonly retries: number
  /** Retries that were allowed; LiteLLM tells it when there were some. */
  readonly retriesMax: number | undefined
  readonly fallbacks: number
}

/** One request on its way. */
type Walk<Value> = {
  readonly request: RoutedRequest<Value>
  readonly attempted: Set<string>
  /** LiteLLM counts only the first failure of a request, and then one per fallback. */
  hasFailed: boolean
}

type Hop = {
  readonly alias: string
  readonly depth: number
  /** Only deployments of this `order`. */
  readonly order?: number
}

export type RouterTools = {
  readonly clock: VirtualClock
  readonly faults: Faults<LiteLlmPoint>
  readonly random: () => number
}

export class ModelRouter {
  readonly #routing: Routing
  readonly #clock: VirtualClock
  readonly #faults: Faults<LiteLlmPoint>
  readonly #random: () => number
  readonly #pool: Pool

  constructor({ routing, deployments }: GatewayConfig, { clock, faults, random }: RouterTools) {
    this.#routing = routing
    this.#clock = clock
    this.#faults = faults
    this.#random = random
    const cooldowns = new Cooldowns(routing, () => clock.now())
    this.#pool = new Pool(deployments, { cooldowns, faults, random })
  }

  deploymentsOf(alias: unknown): readonly Deployment[] {
    return this.#pool.of(alias)
  }

  /** Ids of the deployments that are left alone now. */
  cooling(): readonly string[] {
    return this.#pool.cooling()
  }

  /** Answers through whichever deployment can. @throws ModelFailure with the words of all that was tried. */
  async call<Value>(request: RoutedRequest<Value>): Promise<Routed<Value>> {
    const walk = { request, attempted: new Set<string>(), hasFailed: false }
    return await this.#withFallbacks(walk, { alias: request.alias, depth: 0 })
  }

  async #withFallbacks<Value>(walk: Walk<Value>, hop: Hop): Promise<Routed<Value>> {
    try {
      return await this.#withRetries(walk, hop)
    } catch (error) {
      if (!(error instanceof ModelFailure) || walk.request.isFallbackDisabled) throw error
      return (await this.#byOrder(walk, hop, error)) ?? (await this.#byAlias(walk, hop, error))
    }
  }

  /** Deployments with a higher `order` are asked first, as if they were fallbacks. */
  async #byOrder<Value>(
    walk: Walk<Value>,
    hop: Hop,
    failure: ModelFailure,
  ): Promise<Routed<Value> | undefined> {
    const known = this.#pool.of(hop.alias).flatMap(({ order }) => order ?? [])
    const orders = [...new Set(known)].toSorted((one, other) => one - other)
    const { name } = failure.fields
    if (
      orders.length < 2 ||
      name === 'ContextWindowExceededError' ||
      name === 'ContentPolicyViolationError'
    ) {
      return undefined
    }
    const tried = hop.order ?? orders[0] ?? 0
    const later = orders.filter((order) => order > tried).map((order) => ({ alias: hop.alias, order }))
    const lists = walk.request.fallbacks ?? this.#routing.fallbacks
    const others = isAliases(lists) ? lists : (listedTargets(lists ?? [], hop.alias) ?? [])
    const all = [...later, ...others.map((alias) => ({ alias }))]
    return all.length === 0 ? undefined : await this.#fallBack(walk, hop, { failure, targets: all })
  }

  async #byAlias<Value>(walk: Walk<Value>, hop: Hop, failure: ModelFailure): Promise<Routed<Value>> {
    const routing = this.#routing
    const given = walk.request.fallbacks
    const isListed = given !== undefined || routing.fallbacks !== undefined
    const { targets, shown } = fallbackTargets(routing, failure, { alias: hop.alias, given })
    let detail = ''
    try {
      const all = targets.map((alias) => ({ alias }))
      if (isListed || isSpecial(routing, failure)) {
        return await this.#fallBack(walk, hop, { failure, targets: all })
      }
    } catch (error) {
      if (!(error instanceof ModelFailure)) throw error
      detail = `\nError doing the fallback: ${truncated(error.quoted())}`
    }
    const available = `Available Model Group Fallbacks=${pythonRepr(shown)}`
    failure.add(`. Received Model Group=${hop.alias}\n${available}${detail}`)
    throw failure
  }

  async #fallBack<Value>(
    walk: Walk<Value>,
    hop: Hop,
    { failure, targets }: { failure: ModelFailure; targets: readonly { alias: string; order?: number }[] },
  ): Promise<Routed<Value>> {
    if (hop.depth >= this.#routing.fallbacksMax) throw failure
    walk.attempted.add(hop.alias)
    let { depth } = hop
    let last = failure
    for (const target of targets) {
      const key = target.order === undefined ? target.alias : `${target.alias} ${target.order}`
      if (
        walk.attempted.has(key) &&
        this.#faults.decide('litellm.router.attempted', { model: target.alias }) === undefined
      ) {
        continue
      }
      walk.attempted.add(key)
      depth += 1
      try {
        return { ...(await this.#withFallbacks(walk, { ...target, depth })), fallbacks: depth }
      } catch (error) {
        if (!(error instanceof ModelFailure)) throw error
        last = error
        this.#blame(walk, error)
      }
    }
    throw last
  }

  async #withRetries<Value>(walk: Walk<Value>, hop: Hop): Promise<Routed<Value>> {
    const routing = this.#routing
    let retries = 0
    let retriesMax: number | undefined
    for (;;) {
      try {
        return { ...(await this.#attempt(walk, hop)), retries, retriesMax }
      } catch (error) {
        if (!(error instanceof ModelFailure)) throw error
        const granted = walk.request.numRetries === 0 ? undefined : retriesGranted(routing, error)
        retriesMax ??= this.#retriesFor(walk, error, granted)
        const crowd = this.#pool.crowd(hop.alias)
        if (granted === undefined && !isWorthRetrying(routing, error, crowd)) throw error
        if (retriesMax === 0) throw error
        const wait = { ...crowd, retried: retries, random: this.#random }
        await this.#clock.waitReal(waitMs(routing, error, wait))
        if (retries === retriesMax) {
          error.retries = retriesMax
          error.retriesMax = retriesMax
          throw error
        }
        retries += 1
      }
    }
  }

  #retriesFor<Value>({ request }: Walk<Value>, failure: ModelFailure, granted: number | undefined): number {
    const own = request.numRetries ?? failure.deployment?.numRetries ?? this.#routing.numRetries
    return granted ?? own
  }

  async #attempt<Value>(
    walk: Walk<Value>,
    hop: Hop,
  ): Promise<{ value: Value; deployment: Deployment; fallbacks: 0 }> {
    const rehearsed = walk.request.rehearse?.(hop.alias, hop.depth)
    if (rehearsed !== undefined) throw rehearsed
    const deployment = await this.#pool.choose(hop.alias, hop.order)
    try {
      const value = await walk.request.attempt(deployment)
      this.#pool.noteSuccess(deployment)
      return { value, deployment, fallbacks: 0 }
    } catch (error) {
      if (error instanceof ModelFailure) {
        error.deployment = deployment
        // LiteLLM writes the setting where it later counts, so it tells of retries that nobody made.
        error.retries = deployment.numRetries
        if (!walk.hasFailed) this.#pool.noteFailure(error)
        walk.hasFailed = true
      }
      throw error
    }
  }

  /** A fallback that failed is counted too, unless the client's own impatience was the reason. */
  #blame<Value>({ request }: Walk<Value>, failure: ModelFailure): void {
    if (!(request.hasOwnTimeout && failure.fields.status === 408)) this.#pool.noteFailure(failure)
  }
}

const quotedCharactersMax = 2000

function truncated(text: string): string {
  if (text.length <= quotedCharactersMax) return text
  const dropped = text.length - quotedCharactersMax
  return `${text.slice(0, quotedCharactersMax)}... [truncated ${dropped} characters]`
}

function isSpecial(
  { contextWindowFallbacks, contentPolicyFallbacks }: Routing,
  { fields: { name } }: ModelFailure,
): boolean {
  return (
    (name === 'ContextWindowExceededError' && contextWindowFallbacks !== undefined) ||
    (name === 'ContentPolicyViolationError' && contentPolicyFallbacks !== undefined)
  )
}
