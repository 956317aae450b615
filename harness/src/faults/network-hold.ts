/**
 * Keeps a harm in force in the network of a unit, from the first agent to the heal. A unit that is started again has a
 * new network, so there is an agent, and a receipt, for each of its lives:
 *
 *   unit ends     -> the receipt of this life; `onRestart: 'end'`: that was it
 *   unit starts   -> a new agent, and the same harm again
 *   agent ends by itself -> over; healing then says so, because the plan was not kept
 */
import type { Receipt as PacketReceipt } from '@squall/netem'
import type { SideAgent } from '../environment/abilities.ts'
import { EngineError } from '../environment/engine-error.ts'
import { inTurn } from '../environment/in-turn.ts'
import { messageOf } from '../support/errors.ts'
import type { FaultTarget } from './fault.ts'
import { networkOf } from './needs.ts'

export type NetworkLife<Receipt = PacketReceipt> = {
  readonly receipt: Receipt
  /** `in force` and `unknown` (the agent went without a word): the receipt says how things were when they began. */
  readonly state: 'in force' | 'over' | 'unknown'
}

export type NetworkHold<Receipt> = {
  /** One for each network that the unit had meanwhile; complete after `end`. */
  lives(): readonly NetworkLife<Receipt>[]
  /** Resolves when nothing is in force any more. */
  readonly over: Promise<void>
  /** Heals, and takes back what the reaper was told. A second call does nothing. @throws what kept it from being in force */
  end(): Promise<void>
}

/** An agent in the network of a unit, as far as it is looked at here. */
type HeldAgent<Receipt> = { close(): Promise<Receipt | undefined>; readonly gone: Promise<void> }

export type HoldOptions<Receipt, Agent extends HeldAgent<Receipt>> = Pick<FaultTarget, 'unit' | 'intend'> & {
  readonly onRestart: 'reapply' | 'end'
  /** One agent for each life. */
  readonly side: Pick<SideAgent<Agent>, 'sideUnit' | 'open'>
  /** What brings it into force. */
  readonly apply: (agent: Agent) => Promise<Receipt>
}

/** Resolves when it is in force, or waits for the unit to start. @throws what netem or the engine refused; then nothing is in force */
export async function holdNetwork<Receipt, Agent extends HeldAgent<Receipt>>(
  options: HoldOptions<Receipt, Agent>,
): Promise<NetworkHold<Receipt>> {
  await using undo = new AsyncDisposableStack()
  const network = networkOf(options.unit)
  undo.defer(await options.intend({ kind: 'remove', unit: options.side.sideUnit }))
  const hold = new Hold<Receipt, Agent>(options)
  undo.use(await network.watch((what) => hold.turn(what)))
  await hold.begin()
  const kept = undo.move()
  return {
    lives: () => hold.lives(),
    over: hold.over,
    end: async () => {
      await hold.end()
      await kept.disposeAsync()
      hold.tellProblem()
    },
  }
}

type Current<Receipt> = { readonly agent: HeldAgent<Receipt>; readonly receipt: Receipt }

class Hold<Receipt, Agent extends HeldAgent<Receipt>> {
  readonly #options: HoldOptions<Receipt, Agent>
  readonly #over = Promise.withResolvers<void>()
  readonly #past: NetworkLife<Receipt>[] = []
  #current: Current<Receipt> | undefined
  /** One thing after the other: what the unit does, and the heal. */
  readonly #next = inTurn()
  #isEnding = false
  #problem: Error | undefined

  constructor(options: HoldOptions<Receipt, Agent>) {
    this.#options = options
  }

  get over(): Promise<void> {
    return this.#over.promise
  }

  lives(): readonly NetworkLife<Receipt>[] {
    if (this.#current === undefined) return this.#past
    return [...this.#past, { receipt: this.#current.receipt, state: 'in force' }]
  }

  begin(): Promise<void> {
    return this.#next(async () => {
      await this.#open()
      if (this.#current === undefined && this.#options.onRestart === 'end') this.#over.resolve()
    })
  }

  turn(what: 'ended' | 'started'): void {
    const work = async (): Promise<void> => {
      await this.#finish()
      if (this.#options.onRestart === 'end') this.#over.resolve()
      else if (what === 'started' && !this.#isEnding) await this.#open()
    }
    this.#next(work).catch((error: unknown) => this.#give(error))
  }

  async end(): Promise<void> {
    this.#isEnding = true
    await this.#next(() => this.#finish())
    this.#over.resolve()
  }

  /** Once. */
  tellProblem(): void {
    const problem = this.#problem
    this.#problem = undefined
    if (problem !== undefined) throw problem
  }

  /** A unit that does not run, or ends meanwhile, has no network; its next start is told. */
  async #open(): Promise<void> {
    if (this.#current !== undefined) return
    const agent = await this.#options.side.open().catch((error: unknown) => {
      if (error instanceof EngineError && error.code === 'not-running') return undefined
      throw error
    })
    if (agent === undefined) return
    try {
      const current = { agent, receipt: await this.#options.apply(agent) }
      this.#current = current
      void agent.gone.then(() => this.#mourn(current))
    } catch (error) {
      await agent.close()
      throw error
    }
  }

  async #finish(): Promise<void> {
    const current = this.#current
    if (current === undefined) return
    this.#current = undefined
    const receipt = await current.agent.close()
    this.#past.push(
      receipt === undefined ? { receipt: current.receipt, state: 'unknown' } : { receipt, state: 'over' },
    )
  }

  /** Nobody has ended it here: it died, or was removed. The end of its unit may be told a moment later. */
  async #mourn(current: Current<Receipt>): Promise<void> {
    if (this.#current !== current) return
    await this.#next(() => this.#finish())
    const { unit } = this.#options
    const isDown = await unit.inspect().then(
      ({ status }) => status === 'exited',
      () => true,
    )
    if (isDown) return
    const state = 'the agent beside it ended, and nobody here ended it'
    this.#give(new EngineError('unit-failed', `Cannot impair ${unit.name} any more: ${state}; run it again`))
  }

  #give(problem: unknown): void {
    this.#problem ??= problem instanceof Error ? problem : new Error(messageOf(problem))
    this.#over.resolve()
  }
}
