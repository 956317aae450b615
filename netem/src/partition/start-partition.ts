/** A partition in force: rules in a table that goes with this process, taken off and put back where it flaps. */
import type { Effect } from '../agent/effect-agent.ts'
import { sleep } from '../clock.ts'
import { packetFamily } from '../nftables/expressions.ts'
import { type OwnedTable, openOwnedTable } from '../nftables/owned-table.ts'
import { type Partition, parsePartition, writePartition } from './partition.ts'
import { chains, partitionRules } from './partition-rules.ts'

export type PartitionReceipt = {
  readonly rung: 'nftables'
  /** As text. */
  readonly partition: string
  /** Packets that were dropped or rejected, by whether they came in or were to go out. */
  readonly refused: { readonly in: number; readonly out: number }
  /** How often the network was cut, and for how long in all. */
  readonly cuts: number
  readonly cutMs: number
}

/** @throws NetemError `bad-impairment`, `no-permission`, `unsupported`; nothing is in force then */
export async function startPartition(input: unknown): Promise<Effect<PartitionReceipt>> {
  const partition = parsePartition(input)
  const counters = chains.map(({ name }) => name)
  const table = openOwnedTable({ family: packetFamily.inet, purpose: 'partition', chains, counters })
  try {
    const effect = new PartitionEffect(partition, table)
    effect.begin()
    return effect
  } catch (error) {
    table[Symbol.dispose]()
    throw error
  }
}

class PartitionEffect implements Effect<PartitionReceipt> {
  readonly #partition: Partition
  readonly #table: OwnedTable
  readonly #ending = new AbortController()
  #cuts = 0
  #cutMs = 0
  #cutSince: number | undefined
  #refused = { in: 0, out: 0 }
  #gone: Promise<void> = Promise.resolve()

  constructor(partition: Partition, table: OwnedTable) {
    this.#partition = partition
    this.#table = table
  }

  get gone(): Promise<void> {
    return this.#gone
  }

  begin(): void {
    const { flap } = this.#partition
    this.#cut()
    if (flap) this.#gone = this.#flap(flap.periodMs, flap.dutyPercent)
  }

  receipt(): PartitionReceipt {
    const sinceMs = this.#cutSince === undefined ? 0 : performance.now() - this.#cutSince
    return {
      rung: 'nftables',
      partition: writePartition(this.#partition),
      refused: this.#count(),
      cuts: this.#cuts,
      cutMs: Math.round(this.#cutMs + sinceMs),
    }
  }

  async end(): Promise<void> {
    if (this.#ending.signal.aborted) return
    this.#mend()
    this.#refused = this.#count()
    this.#ending.abort()
    this.#table[Symbol.dispose]()
    await this.#gone.catch(() => undefined)
  }

  /** The first cut has been made. Its times are those of a plan, so that lateness does not add up. */
  async #flap(periodMs: number, dutyPercent: number): Promise<void> {
    const { signal } = this.#ending
    const beganMs = performance.now()
    const until = (ms: number) => sleep(Math.max(0, beganMs + ms - performance.now()), signal)
    try {
      for (let round = 0; ; round++) {
        if (round > 0) this.#cut()
        await until((round + dutyPercent / 100) * periodMs)
        this.#mend()
        await until((round + 1) * periodMs)
      }
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  #cut(): void {
    this.#table.replaceRules(partitionRules(this.#partition))
    this.#cutSince = performance.now()
    this.#cuts += 1
  }

  #mend(): void {
    this.#table.replaceRules([])
    if (this.#cutSince !== undefined) this.#cutMs += performance.now() - this.#cutSince
    this.#cutSince = undefined
  }

  #count(): { readonly in: number; readonly out: number } {
    if (this.#ending.signal.aborted) return this.#refused
    const { in: came = 0, out: went = 0 } = this.#table.counters()
    return { in: came, out: went }
  }
}
