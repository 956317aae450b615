/**
 * An agent that stands by beside a unit: started before it is needed, so that a fault need not wait for a container. It
 * belongs to one life of the unit; one of an earlier life is closed and not given out.
 */
type Agent = { close(): Promise<unknown>; readonly gone: Promise<void> }

export type Started<Kind extends Agent> = {
  readonly agent: Kind
  /** Differs for each start of the unit. */
  readonly life: string
}

export class StandBy<Kind extends Agent> implements AsyncDisposable {
  readonly #start: () => Promise<Started<Kind>>
  #waiting: Promise<Kept<Kind> | undefined> | undefined
  #isOver = false

  constructor(start: () => Promise<Started<Kind>>) {
    this.#start = start
  }

  /** Resolves when it is there, or cannot be: whoever needs one then starts one, and is told why not. */
  async begin(): Promise<void> {
    if (this.#isOver) return
    this.#waiting ??= this.#start().then(keep, () => undefined)
    await this.#waiting
  }

  /** That which stands by for this life, once; undefined if there is none. */
  async take(life: string): Promise<Kind | undefined> {
    const waiting = this.#waiting
    this.#waiting = undefined
    const kept = await waiting
    if (kept === undefined) return undefined
    if (kept.life === life && !kept.isGone()) return kept.agent
    await kept.agent.close()
    return undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    const kept = await this.#waiting
    this.#waiting = undefined
    await kept?.agent.close()
  }
}

type Kept<Kind extends Agent> = Started<Kind> & { isGone(): boolean }

function keep<Kind extends Agent>(started: Started<Kind>): Kept<Kind> {
  const ended = new AbortController()
  void started.agent.gone.then(() => ended.abort())
  return { ...started, isGone: () => ended.signal.aborted }
}
