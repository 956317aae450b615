/**
 * Waits until a service answers. Looks often, because a container is ready in a fraction of a second; gives up at
 * once when its program has ended; and says what the program printed, because that is the first question.
 */
import type { LogLine, Unit } from '../environment/engine.ts'
import { SquallError } from '../support/errors.ts'
import { PollTimeoutError, pollUntil } from '../support/poll.ts'
import type { Service } from './service.ts'

const lookEveryMs = 20
const tailLines = 15

/** The service did not come up. `log` holds everything its program printed. Code `service-failed`. */
class ServiceFailed extends SquallError {
  readonly log: readonly LogLine[]

  constructor(service: Service, state: string) {
    const log = service.unit?.logs() ?? []
    const tail = log.slice(-tailLines).map((line) => `    ${line.text}`)
    const printed = log.length === 0 ? 'it printed nothing' : `its last lines:\n${tail.join('\n')}`
    super('service-failed', `Cannot start ${service.id} (${service.description}): ${state}; ${printed}`)
    this.log = log
  }
}

/** Resolves with the version the service tells. @throws ServiceFailed */
export async function waitUntilReady(
  service: Service,
  budgetMs: number,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const found = await pollUntil<Found>({
    what: `${service.id} answers at ${service.url}`,
    everyMs: lookEveryMs,
    budgetMs,
    ...(signal && { signal }),
    probe: async (lookSignal) => {
      const seen = await service.probe(lookSignal)
      if (seen.ok) return { done: true, value: { version: seen.version } }
      const ended = await endOf(service.unit)
      return ended ? { done: true, value: { ended } } : { done: false, saw: seen.saw }
    },
  }).catch((error: unknown) => {
    throw error instanceof PollTimeoutError ? new ServiceFailed(service, error.message) : error
  })
  if ('ended' in found) throw new ServiceFailed(service, found.ended)
  return found.version
}

type Found = { readonly version: string | undefined } | { readonly ended: string }

/** How the program ended, if it did. */
async function endOf(unit: Unit | undefined): Promise<string | undefined> {
  const state = await unit?.inspect()
  if (state?.status !== 'exited') return undefined
  return state.oomKilled
    ? 'killed for lack of memory'
    : `its program ended with exit code ${state.exitCode ?? 'none'}`
}
