/** One-use tokens for moving media over HTTP. Each is good for ten minutes and for one transfer. */
import { randomBytes } from 'node:crypto'
import type { VirtualClock } from '@squall/twin-kit'

/** Real time: `_MEDIA_TRANSFER_TTL_SECONDS`. */
export const tokenMsMax = 600_000
/** More of them than this at once push the oldest out. */
const tokensMax = 10_000

/** What a token allows. */
export type Transfer =
  | { readonly kind: 'upload'; readonly filename: string }
  | { readonly kind: 'download'; readonly path: string }

/** The tokens of one server. */
export class TransferTokens {
  readonly #clock: Pick<VirtualClock, 'now'>
  readonly #byToken = new Map<string, { readonly transfer: Transfer; readonly untilMs: number }>()

  constructor(clock: Pick<VirtualClock, 'now'>) {
    this.#clock = clock
  }

  /** A new token. */
  create(transfer: Transfer): string {
    const token = randomBytes(32).toString('base64url')
    this.#byToken.set(token, { transfer, untilMs: this.#clock.now() + tokenMsMax })
    const [oldest] = this.#byToken.keys()
    if (this.#byToken.size > tokensMax && oldest !== undefined) this.#byToken.delete(oldest)
    return token
  }

  /** Uses a token up. Undefined if it is unknown, used, too old, or for the other direction. */
  take<Kind extends Transfer['kind']>(
    token: string,
    kind: Kind,
  ): Extract<Transfer, { kind: Kind }> | undefined {
    const found = this.#byToken.get(token)
    if (found?.transfer.kind !== kind) return undefined
    this.#byToken.delete(token)
    if (found.untilMs < this.#clock.now()) return undefined
    return found.transfer as Extract<Transfer, { kind: Kind }>
  }
}
