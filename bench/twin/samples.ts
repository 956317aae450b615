/** Figures of the same things in several rounds, by name. */
import { type Spread, spreadOf } from '../median.ts'

export class Samples {
  readonly #values = new Map<string, number[]>()

  /** One figure for each name, from one round. */
  add(figures: Readonly<Record<string, number>>): void {
    for (const [name, figure] of Object.entries(figures)) {
      const values = this.#values.get(name)
      if (values === undefined) this.#values.set(name, [figure])
      else values.push(figure)
    }
  }

  names(): string[] {
    return [...this.#values.keys()]
  }

  spread(name: string): Spread {
    return spreadOf(this.#values.get(name) ?? [])
  }

  spreads(): Record<string, Spread> {
    return Object.fromEntries(this.names().map((name) => [name, this.spread(name)]))
  }
}
