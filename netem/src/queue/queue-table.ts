/**
 * The rules that bring packets of a device to queues. One table for both directions: when the kernel takes a chain off
 * that hangs in its hooks, it drops whatever waits in any queue of the namespace, so rules come and go and the table
 * stays as long as packets are held.
 *
 *   a packet of a device that is alive   to the queue, and on where nobody listens
 *   else, of the device                  counted: it slipped by, because this process gave no sign of life
 *
 * The chain of what comes in is the first of all, before fragments are put together and addresses translated; that of
 * what goes out is the last but for what confirms connections.
 */
import { NetemError } from '../errors.ts'
import {
  count,
  type Expression,
  onDevice,
  onDeviceOf,
  packetFamily,
  queueByTarget,
  queueTo,
} from '../nftables/expressions.ts'
import { type Chain, type OwnedTable, openOwnedTable, type Rule } from '../nftables/owned-table.ts'

/** NF_IP_PRI_RAW_BEFORE_DEFRAG, and behind NF_IP_PRI_NAT_SRC: linux/netfilter_ipv4.h */
const chains: readonly Chain[] = [
  { name: 'in', type: 'filter', hook: 'prerouting', priority: -450 },
  { name: 'out', type: 'filter', hook: 'postrouting', priority: 200 },
]

const slippedCounter = { in: 'slipped-in', out: 'slipped-out' } as const
const aliveSet = { in: 'alive-in', out: 'alive-out' } as const

/** Without a sign of life for so long, packets pass; as with the other ways. */
const lifeMs = 750

type Direction = 'in' | 'out'

export class QueueTable {
  readonly #deviceIndex: number
  readonly #table: OwnedTable
  readonly #queues = new Map<Direction, number>()
  #toQueue: (number: number) => Expression = queueTo

  /** @throws NetemError `no-permission`, `unsupported` */
  constructor(deviceIndex: number) {
    this.#deviceIndex = deviceIndex
    this.#table = openOwnedTable({
      family: packetFamily.inet,
      purpose: 'queue',
      chains,
      counters: Object.values(slippedCounter),
      timedSets: Object.values(aliveSet),
    })
  }

  /** @throws NetemError; the rules are as before then */
  hook(direction: Direction, queue: number): void {
    this.#queues.set(direction, queue)
    try {
      this.renew(direction)
      this.#setRules()
    } catch (error) {
      this.#queues.delete(direction)
      throw error
    }
  }

  unhook(direction: Direction): void {
    if (this.#queues.delete(direction)) this.#setRules()
  }

  renew(direction: Direction): void {
    this.#table.renew(aliveSet[direction], this.#deviceIndex, lifeMs)
  }

  slipped(direction: Direction): number {
    return this.#table.counters()[slippedCounter[direction]] ?? 0
  }

  close(): void {
    this.#table[Symbol.dispose]()
  }

  /** The kernel has one of two expressions, or both. */
  #setRules(): void {
    try {
      this.#replaceRules()
    } catch (error) {
      if (!isUnsupported(error) || this.#toQueue === queueByTarget) throw error
      this.#toQueue = queueByTarget
      this.#replaceRulesByTarget()
    }
  }

  #replaceRulesByTarget(): void {
    try {
      this.#replaceRules()
    } catch (error) {
      if (!isUnsupported(error)) throw error
      throw new NetemError(
        'unsupported',
        'Cannot bring packets to a queue: the kernel has neither the expression queue nor the target NFQUEUE; ' +
          'load the module nft_queue, or nft_compat and xt_NFQUEUE, on the host',
        { cause: error },
      )
    }
  }

  #replaceRules(): void {
    this.#table.replaceRules(
      [...this.#queues].flatMap(([direction, queue]): Rule[] => [
        {
          chain: direction,
          expressions: [...onDeviceOf(direction, aliveSet[direction]), this.#toQueue(queue)],
        },
        {
          chain: direction,
          expressions: [...onDevice(direction, this.#deviceIndex), count(slippedCounter[direction])],
        },
      ]),
    )
  }
}

function isUnsupported(error: unknown): boolean {
  return error instanceof NetemError && error.code === 'unsupported'
}
