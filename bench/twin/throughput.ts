/** Throughputs of twins beside a null server, collected over rounds. */
import type { Row } from './report.ts'
import { Samples } from './samples.ts'

export type Rate = {
  /** Per second of CPU time of the server. */
  readonly perCore: number
  /** Per second of wall clock. */
  readonly perSecond: number
}

export class Throughput {
  readonly #nullName: string
  readonly #perCore = new Samples()
  readonly #perSecond = new Samples()
  readonly #ratio = new Samples()

  /** @param nullName what the null server is called in the rows */
  constructor(nullName: string) {
    this.#nullName = nullName
  }

  /** A twin's rate and the null server's from the same moment. */
  add(name: string, own: Rate, base: Rate): void {
    this.#perCore.add({ [name]: own.perCore, [this.#nullName]: base.perCore })
    this.#perSecond.add({ [name]: own.perSecond, [this.#nullName]: base.perSecond })
    this.#ratio.add({ [name]: own.perCore / base.perCore })
  }

  rows(): Row[] {
    return this.#perCore.names().map((name) => ({
      name,
      perCore: this.#perCore.spread(name),
      perSecond: this.#perSecond.spread(name),
      ratio: name === this.#nullName ? undefined : this.#ratio.spread(name),
    }))
  }
}
