/**
 * Watches every service and tells when it changes its mind. A service is UNHEALTHY at the first bad sign: a probe that
 * fails, a refused connection or a closed WebSocket somebody else saw (`suspect`). It is HEALTHY again at the first
 * good probe.
 *
 * Promise: UNHEALTHY within one interval after a backend died. Probes therefore go out every half interval. A backend
 * that is silent instead of dead is UNHEALTHY `probeMsMax` later than that, because slow is not dead.
 */
import type { ServiceName } from '../endpoint.ts'
import { type ClientError, publicText } from '../errors.ts'
import type { Emit, HealthState } from '../events.ts'
import { every } from '../transport/clock.ts'

/**
 * So long may a probe take, ms. A node that holds Python's interpreter delays ComfyUI's answers by a second or two, and on
 * a link that loses half its packets a small request needs about as long.
 */
const probeMsMax = 3_000

export type MonitorOptions = {
  readonly services: readonly ServiceName[]
  readonly intervalMs: number
  /** Must settle within `deadlineMs`; rejects with ClientError if the service is not well. */
  readonly alive: (service: ServiceName, deadlineMs: number, signal: AbortSignal) => Promise<void>
  readonly emit: Emit
}

type Watched = { state: HealthState | undefined; probing: boolean; again: boolean }

export class HealthMonitor implements Disposable {
  readonly #options: MonitorOptions
  readonly #watched: ReadonlyMap<ServiceName, Watched>
  readonly #stopping = new AbortController()
  #system: HealthState | undefined
  #timer: Disposable | undefined

  constructor(options: MonitorOptions) {
    this.#options = options
    this.#watched = new Map(
      options.services.map((service) => [service, { state: undefined, probing: false, again: false }]),
    )
  }

  start(): void {
    const probeAll = () => {
      for (const service of this.#watched.keys()) void this.#probe(service)
    }
    this.#timer = every(Math.max(1, this.#options.intervalMs / 2), probeAll)
    probeAll()
  }

  /** Undefined until the first probe settled. */
  state(service: ServiceName): HealthState | undefined {
    return this.#watched.get(service)?.state
  }

  /** A sign of trouble from outside the probes. Counts at once; a probe follows at once and may disagree. */
  suspect(service: ServiceName, reason: string): void {
    const watched = this.#watched.get(service)
    // Already known: also keeps a failing probe, whose own call reports here too, from calling for another one.
    if (watched === undefined || watched.state === 'UNHEALTHY' || this.#stopping.signal.aborted) return
    this.#change(service, watched, 'UNHEALTHY', reason)
    if (watched.probing) watched.again = true
    else void this.#probe(service)
  }

  async #probe(service: ServiceName): Promise<void> {
    const watched = this.#watched.get(service)
    if (watched === undefined || watched.probing || this.#stopping.signal.aborted) return
    watched.probing = true
    watched.again = false
    try {
      await this.#options.alive(service, probeMsMax, this.#stopping.signal)
      // An answer that was under way when the sign of trouble came proves nothing; the next probe decides.
      if (!watched.again) this.#change(service, watched, 'HEALTHY', undefined)
    } catch (error) {
      const reason = publicText((error as ClientError).message)
      this.#change(service, watched, 'UNHEALTHY', reason)
    } finally {
      watched.probing = false
    }
    if (watched.again) await this.#probe(service)
  }

  #change(service: ServiceName, watched: Watched, state: HealthState, reason: string | undefined): void {
    if (watched.state === state || this.#stopping.signal.aborted) return
    watched.state = state
    this.#options.emit({ type: 'health', service, state, ...(reason !== undefined && { reason }) })
    const system = this.#systemState()
    if (system === undefined || system === this.#system) return
    this.#system = system
    const because = system === 'UNHEALTHY' ? { reason: `${service}: ${reason ?? 'unknown'}` } : {}
    this.#options.emit({ type: 'health', service: 'system', state: system, ...because })
  }

  /** One sick service makes the system sick; healthy it is only when all are known to be. */
  #systemState(): HealthState | undefined {
    const states = [...this.#watched.values()].map((watched) => watched.state)
    if (states.includes('UNHEALTHY')) return 'UNHEALTHY'
    return states.every((state) => state === 'HEALTHY') ? 'HEALTHY' : undefined
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]()
    this.#stopping.abort()
  }
}
