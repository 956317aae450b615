/**
 * One connection of a link: the client's socket, the service's, and a lane for each direction. Ends pass through as
 * they came: a half-close as a half-close, a reset as a reset.
 */
import type { Socket } from 'node:net'
import { after } from '../clock.ts'
import type { HarmInForce } from './harm-in-force.ts'
import { Lane } from './lane.ts'
import { LaneHarm } from './lane-harm.ts'
import type { LinkCounts } from './link-counts.ts'
import { meansWay, type Way } from './link-spec.ts'

/** What a harm is to this connection. */
type Strike = { readonly up?: LaneHarm; readonly down?: LaneHarm; readonly timer?: Disposable }

export class Connection {
  readonly #client: Socket
  readonly #service: Socket
  readonly #up: Lane
  readonly #down: Lane
  #isOver = false
  readonly #strikes = new Map<HarmInForce, Strike>()

  /** @param service connected already. Nothing flows before `replace` was called. */
  constructor(client: Socket, service: Socket, counts: LinkCounts, onClose: () => void) {
    this.#client = client
    this.#service = service
    this.#up = this.#lane('up', client, service, counts)
    this.#down = this.#lane('down', service, client, counts)
    const sides = [
      { socket: client, own: this.#up, other: this.#down },
      { socket: service, own: this.#down, other: this.#up },
    ]
    for (const { socket, own, other } of sides) {
      socket.on('close', (hadError) => {
        other.stop()
        if (hadError) own.senderReset()
        if (client.destroyed && service.destroyed) {
          this.#forget()
          onClose()
        }
      })
    }
  }

  get heldBytes(): number {
    return this.#up.heldBytes + this.#down.heldBytes
  }

  /** In one step, so that no byte meets neither of two harms. */
  replace(gone: HarmInForce | undefined, come: readonly HarmInForce[]): void {
    if (gone) this.#lift(gone)
    for (const harm of come) this.#strike(harm)
    const strikes = [...this.#strikes.values()]
    this.#up.harms = strikes.flatMap(({ up }) => up ?? [])
    this.#down.harms = strikes.flatMap(({ down }) => down ?? [])
  }

  destroy(): void {
    this.#forget()
    this.#client.destroy()
    this.#service.destroy()
  }

  #lane(way: Way, from: Socket, to: Socket, counts: LinkCounts): Lane {
    const count = way === 'up' ? 'upBytes' : 'downBytes'
    return new Lane({
      from,
      to,
      passed: (bytes) => {
        counts[count] += bytes
      },
      onEnding: ({ counts: seen }, ending) => {
        seen[ending] += 1
        if (ending === 'reset') this.#reset()
        else this.#cut(from, to)
      },
    })
  }

  #strike(harm: HarmInForce): void {
    const stream = this.#isOver ? undefined : harm.meet()
    if (stream === undefined) return
    const { spec, counts } = harm
    const lane = (way: Way) => (meansWay(spec, way) ? { [way]: new LaneHarm(spec, way, stream, counts) } : {})
    const afterMs = spec.reset?.afterMs
    const timer =
      afterMs === undefined
        ? {}
        : {
            timer: after(afterMs, () => {
              counts.reset += 1
              this.#reset()
            }),
          }
    this.#strikes.set(harm, { ...lane('up'), ...lane('down'), ...timer })
  }

  #lift(harm: HarmInForce): void {
    this.#strikes.get(harm)?.timer?.[Symbol.dispose]()
    this.#strikes.delete(harm)
  }

  #reset(): void {
    this.#forget()
    this.#client.resetAndDestroy()
    this.#service.resetAndDestroy()
  }

  /** The receiver may go on sending, to nobody, until it has seen the end; closing on it now would be a reset. */
  #cut(sender: Socket, receiver: Socket): void {
    this.#forget()
    receiver.end()
    receiver.resume()
    sender.destroy()
  }

  #forget(): void {
    this.#isOver = true
    this.#up.stop()
    this.#down.stop()
    for (const harm of [...this.#strikes.keys()]) this.#lift(harm)
  }
}
