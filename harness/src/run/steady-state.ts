/**
 * The gate before any harm and the end of every rollback: each service answers, and each client is connected to
 * each of them. Harm done to something that was never well proves nothing.
 */
import type { Service } from '../services/service.ts'
import type { ServiceName } from '../spec/topology.ts'
import { pollUntil } from '../support/poll.ts'
import type { ActiveSubject } from '../workload/subject.ts'

const lookEveryMs = 50

/** @throws PollTimeoutError that names the service and what was last seen of it. */
export async function awaitServices(
  services: Iterable<Service>,
  budgetMs: number,
  signal?: AbortSignal,
): Promise<void> {
  await Promise.all(
    [...services].map((service) =>
      pollUntil({
        what: `${service.id} answers`,
        everyMs: lookEveryMs,
        budgetMs,
        ...(signal && { signal }),
        probe: async (look) => {
          const seen = await service.probe(look)
          return seen.ok ? { done: true, value: undefined } : { done: false, saw: seen.saw }
        },
      }),
    ),
  )
}

/** @param expected The services of the experiment. @throws PollTimeoutError that names the client and the services it does not reach. */
export async function awaitClients(
  clients: readonly ActiveSubject[],
  expected: readonly string[],
  budgetMs: number,
  signal?: AbortSignal,
): Promise<void> {
  await Promise.all(
    clients.map((client, index) =>
      pollUntil({
        what: `client ${index} is connected to every service`,
        everyMs: lookEveryMs,
        budgetMs,
        ...(signal && { signal }),
        probe: async () => {
          const found = await client.discover()
          const connected = new Set(
            found.flatMap((entry) => (entry.state === 'connected' ? [entry.service] : [])),
          )
          const missing = expected.filter((service) => !connected.has(service as ServiceName))
          if (missing.length === 0) return { done: true, value: undefined }
          const why = (service: string): string =>
            found.find((entry) => entry.service === service)?.reason ?? 'not found'
          return { done: false, saw: missing.map((service) => `${service}: ${why(service)}`).join(', ') }
        },
      }),
    ),
  )
}
