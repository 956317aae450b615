/**
 * What the transport measures about itself: requests, connections opened, and the time to acquire a connection.
 * Acquisition = from the moment a request is handed to the pool until a connection takes it and writes its head.
 * It holds the wait for a free connection and, for the first request of a connection, the TCP handshake.
 */
import { build } from 'hdr-histogram-js'

export type ConnectionStats = {
  readonly requests: number
  readonly connectionsOpened: number
  /** ms */
  readonly acquisitionMs: { readonly mean: number; readonly p99: number; readonly max: number }
}

export class Measurements {
  #requests = 0
  #connectionsOpened = 0
  /** In microseconds, because a kept-alive connection is acquired in a fraction of a millisecond. */
  readonly #acquisitionUs = build({ lowestDiscernibleValue: 1, highestTrackableValue: 600_000_000 })

  requestSent(acquisitionMs: number): void {
    this.#requests += 1
    this.#acquisitionUs.recordValue(Math.max(1, Math.round(acquisitionMs * 1_000)))
  }

  connectionOpened(): void {
    this.#connectionsOpened += 1
  }

  read(): ConnectionStats {
    const empty = this.#requests === 0
    const ms = (microseconds: number) => (empty ? 0 : microseconds / 1_000)
    return {
      requests: this.#requests,
      connectionsOpened: this.#connectionsOpened,
      acquisitionMs: {
        mean: ms(this.#acquisitionUs.mean),
        p99: ms(this.#acquisitionUs.getValueAtPercentile(99)),
        max: ms(this.#acquisitionUs.maxValue),
      },
    }
  }
}
