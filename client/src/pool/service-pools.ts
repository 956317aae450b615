/**
 * One keep-alive connection pool per service, all measured together. Everything the client sends goes through here.
 * Missing: several workers of one service, and changing an address at run time.
 */
import { type Endpoints, type ServiceName, serviceNames } from '../endpoint.ts'
import { type ClientError, noEndpoint } from '../errors.ts'
import type { Limits } from '../limits.ts'
import { Http } from '../transport/http.ts'
import { type ConnectionStats, Measurements } from '../transport/measurements.ts'

export type ServicePoolsOptions = {
  readonly endpoints: Endpoints
  readonly limits: Limits
  /** A call failed without an answer. */
  readonly onError: (service: ServiceName, error: ClientError) => void
}

export class ServicePools implements AsyncDisposable {
  readonly #measurements = new Measurements()
  readonly #pools: ReadonlyMap<ServiceName, Http>

  constructor({ endpoints, limits, onError }: ServicePoolsOptions) {
    const pools = new Map<ServiceName, Http>()
    for (const service of serviceNames) {
      const baseUrl = endpoints[service]
      if (baseUrl === undefined) continue
      pools.set(
        service,
        new Http({
          baseUrl,
          limits,
          measurements: this.#measurements,
          onError: (error) => onError(service, error),
        }),
      )
    }
    this.#pools = pools
  }

  services(): readonly ServiceName[] {
    return [...this.#pools.keys()]
  }

  /** @throws ClientError `no-endpoint` if the service has no address. */
  http(service: ServiceName): Http {
    const http = this.#pools.get(service)
    return http ?? noEndpoint(service)
  }

  stats(): ConnectionStats {
    return this.#measurements.read()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool[Symbol.asyncDispose]()))
  }
}
