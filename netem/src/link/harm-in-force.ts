/** One harm while it is in force on a link: which connections it strikes, and what came of it. */
import { randomInt } from 'node:crypto'
import { Chance } from '../model/correlated.ts'
import { kernelSeed, PacketRandom } from '../model/random.ts'
import { type HarmCounts, noHarmCounts } from './link-counts.ts'
import type { LinkHarm, SettledLinkHarm } from './link-spec.ts'

export class HarmInForce {
  readonly spec: SettledLinkHarm
  readonly counts: HarmCounts
  readonly #chance: Chance
  #met = 0

  /** @param counts of the harm that this one takes the place of. */
  constructor(spec: LinkHarm, counts = noHarmCounts()) {
    this.spec = { ...spec, seed: spec.seed ?? randomInt(2 ** 32) }
    this.counts = counts
    const random = new PacketRandom(kernelSeed(this.spec.seed, 'link/connections'))
    this.#chance = new Chance(random, spec.probabilityPercent ?? 100)
  }

  get strikesOpen(): boolean {
    return this.spec.connections !== 'new' && this.spec.refuse === undefined
  }

  get strikesNew(): boolean {
    return this.spec.connections !== 'open' && this.spec.refuse === undefined
  }

  /** A connection comes its way. Gives the name of its draws if it is struck; the same seed strikes the same ones. */
  meet(): string | undefined {
    const stream = `link/${this.#met}`
    this.#met += 1
    if (!this.#chance.hits()) return undefined
    this.counts.connections += 1
    return stream
  }

  /** Whether a new connection is turned away. */
  refuses(): boolean {
    if (this.spec.refuse !== 'reset' || !this.#chance.hits()) return false
    this.counts.refused += 1
    return true
  }
}
