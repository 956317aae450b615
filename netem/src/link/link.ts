/**
 * A link: a port of this machine whose connections are passed on to a service, and what can be done to them meanwhile.
 *
 *     client  --up-->  [ link ]  --up-->   service
 *             <-down-            <-down--
 *
 * With no harm in force bytes pass as they come, whatever they mean: HTTP, WebSocket, SSE. Harms may be put in force at
 * the same time and then add up. It listens on loopback only, since whoever reaches a link reaches the service.
 *
 * Knowingly so: the link accepts before the service does. A service that is down resets its clients here instead of
 * refusing them, as a published port of Docker does; and setting up a connection takes no longer under a delay.
 */
import { connect, type Socket } from 'node:net'
import { Connection } from './connection.ts'
import { HarmInForce } from './harm-in-force.ts'
import type { HarmCounts, LinkCounts } from './link-counts.ts'
import { type LinkHarm, parseLinkHarm, type SettledLinkHarm } from './link-spec.ts'
import { type LinkAddress, Listener } from './listener.ts'

export type Link = AsyncDisposable & {
  readonly address: LinkAddress
  /** From now on, until it is healed. @throws NetemError `bad-link` */
  harm(harm: LinkHarm): Promise<ActiveLinkHarm>
  counts(): LinkCounts & { readonly open: number; readonly heldBytes: number }
}

export type ActiveLinkHarm = {
  /** With its seed: the same harm does the same to the same traffic again. */
  readonly spec: SettledLinkHarm
  counts(): HarmCounts
  /** In one step: no byte meets neither the old nor the new. Chances and bytes are counted anew. */
  change(harm: LinkHarm): Promise<void>
  /** What is held passes at once and in order. A second call does nothing. @throws NetemError `no-port` */
  heal(): Promise<void>
}

export type LinkOptions = {
  /** Loopback; port 0 for any that is free. */
  readonly listen: LinkAddress
  readonly service: LinkAddress
}

/** @throws NetemError `no-port`, `bad-usage` */
export async function openLink({ listen, service }: LinkOptions): Promise<Link> {
  const link = new OpenLink(service, listen)
  await link.open()
  return link
}

class OpenLink implements Link {
  readonly #service: LinkAddress
  readonly #listener: Listener
  readonly #harms = new Set<HarmInForce>()
  readonly #connections = new Set<Connection>()
  /** Sockets whose service has not answered yet. */
  readonly #waiting = new Set<Socket>()
  #listening: Promise<void> = Promise.resolve()
  #isDisposed = false
  readonly #counts: LinkCounts = { connections: 0, unreachable: 0, upBytes: 0, downBytes: 0 }

  constructor(service: LinkAddress, listen: LinkAddress) {
    this.#service = service
    this.#listener = new Listener(listen, (client) => this.#accept(client))
  }

  get address(): LinkAddress {
    return this.#listener.address
  }

  open(): Promise<void> {
    return this.#listen()
  }

  counts() {
    const heldBytes = [...this.#connections].reduce((sum, connection) => sum + connection.heldBytes, 0)
    return { ...this.#counts, open: this.#connections.size, heldBytes }
  }

  async harm(harm: LinkHarm): Promise<ActiveLinkHarm> {
    let current = new HarmInForce(parseLinkHarm(harm))
    await this.#replace(undefined, current)
    return {
      get spec() {
        return current.spec
      },
      counts: () => ({ ...current.counts }),
      change: async (next) => {
        const gone = current
        current = new HarmInForce(parseLinkHarm(next), gone.counts)
        await this.#replace(gone, current)
      },
      heal: () => this.#replace(current, undefined),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true
    await this.#listen()
    for (const connection of this.#connections) connection.destroy()
    for (const socket of this.#waiting) socket.destroy()
  }

  async #replace(gone: HarmInForce | undefined, come: HarmInForce | undefined): Promise<void> {
    if (gone) this.#harms.delete(gone)
    if (come) this.#harms.add(come)
    const struck = come?.strikesOpen ? [come] : []
    for (const connection of this.#connections) connection.replace(gone, struck)
    await this.#listen()
  }

  /** Opens or closes the port as the harms in force then say; one after the other. */
  #listen(): Promise<void> {
    const next = this.#listening.then(async () => {
      const isClosed = this.#isDisposed || [...this.#harms].some(({ spec }) => spec.refuse === 'closed')
      if (isClosed) this.#listener.close()
      else await this.#listener.open()
    })
    this.#listening = next.catch(() => undefined)
    return next
  }

  #accept(client: Socket): void {
    this.#counts.connections += 1
    client.on('error', () => undefined) // 'close' tells it too
    if ([...this.#harms].some((harm) => harm.refuses())) {
      client.resetAndDestroy()
      return
    }
    const service = connect({ ...this.#service, allowHalfOpen: true, noDelay: true })
    this.#waiting.add(client).add(service)
    const settled = (): void => {
      this.#waiting.delete(client)
      this.#waiting.delete(service)
    }
    const failed = (): void => {
      settled()
      this.#counts.unreachable += 1
      client.resetAndDestroy()
    }
    service.once('close', failed)
    service.on('error', () => undefined)
    service.once('connect', () => {
      settled()
      service.off('close', failed)
      if (client.destroyed) {
        service.resetAndDestroy()
        return
      }
      const connection = new Connection(client, service, this.#counts, () => {
        this.#connections.delete(connection)
      })
      this.#connections.add(connection)
      const harms = [...this.#harms].filter(({ strikesNew }) => strikesNew)
      connection.replace(undefined, harms)
    })
  }
}
