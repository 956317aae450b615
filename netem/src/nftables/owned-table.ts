/**
 * A table of the kernel's packet filter that belongs to this process (NFT_TABLE_F_OWNER, since Linux 5.12): when its
 * socket is closed, and it is when the process dies, however it dies, the kernel takes the table off with all its
 * rules. Nobody else can change it meanwhile. That is what makes it fail open without a watchdog; the rules of
 * iptables would stay.
 */
import { randomBytes } from 'node:crypto'
import { NetemError } from '../errors.ts'
import { attribute, text } from '../netlink/wire.ts'
import { netlink } from '../userspace/linux.ts'
import { counterObject, type Expression } from './expressions.ts'
import { type Message, nested, openNetlink, readAttributes, uint32 } from './netlink.ts'
import { describeElement, describeTimedSet, everyElement } from './timed-set.ts'

/** Of a message: NFT_MSG_*. */
const message = {
  ...{ newTable: 0, newChain: 3, newRule: 6, deleteRule: 8, newObject: 18, getObject: 19 },
  ...{ newSet: 9, newElement: 12, deleteElement: 14 },
} as const

/** NFTA_TABLE_*, NFTA_CHAIN_*, NFTA_HOOK_*, NFTA_RULE_*, NFTA_OBJ_*, NFTA_COUNTER_* */
const at = {
  table: { name: 1, flags: 2 },
  chain: { table: 1, name: 3, hook: 4, type: 7 },
  hook: { number: 1, priority: 2 },
  rule: { table: 1, chain: 2, expressions: 4 },
  element: 1,
  object: { table: 1, name: 2, type: 3, data: 4 },
  counter: { packets: 2 },
} as const

/** NFT_TABLE_F_OWNER */
const isOwned = 0x2

/** NF_INET_PRE_ROUTING, _LOCAL_IN, _LOCAL_OUT, _POST_ROUTING */
const hook = { prerouting: 0, input: 1, output: 3, postrouting: 4 } as const

export type Chain = {
  readonly name: string
  readonly type: 'filter' | 'nat'
  readonly hook: keyof typeof hook
  /** Lower is earlier. */
  readonly priority: number
}

export type Rule = { readonly chain: string; readonly expressions: readonly Expression[] }

export type OwnedTable = Disposable & {
  /** All rules of all chains give way to these, in one step. @throws NetemError; the old ones stay then */
  replaceRules(rules: readonly Rule[]): void
  /** A timed set has the number of this device for so long, and no other. @throws NetemError */
  renew(set: string, deviceIndex: number, timeoutMs: number): void
  /** Packets by counter. */
  counters(): Readonly<Record<string, number>>
}

export type TableOptions = {
  readonly family: number
  /** Of its name, which has a random end. */
  readonly purpose: string
  readonly chains: readonly Chain[]
  readonly counters: readonly string[]
  /** Names of sets of devices that are forgotten in time. */
  readonly timedSets?: readonly string[]
}

/** @throws NetemError `no-permission`, `unsupported` or `system-call`; nothing is left of it then */
export function openOwnedTable(options: TableOptions): OwnedTable {
  const { family, purpose, chains, counters, timedSets = [] } = options
  const name = `squall-${purpose}-${randomBytes(4).toString('hex')}`
  const socket = openNetlink()
  const make = (number: number, attributes: readonly Buffer[], flags: number = netlink.create): Message => ({
    type: tables(number),
    flags: flags | netlink.acknowledge,
    family,
    attributes,
  })
  const inTable = attribute(at.chain.table, text(name))
  try {
    socket.ask(
      batch([
        make(message.newTable, [
          attribute(at.table.name, text(name)),
          attribute(at.table.flags, uint32(isOwned)),
        ]),
        ...chains.map((chain) => make(message.newChain, [inTable, ...describeChain(chain)])),
        ...counters.map((counter) => make(message.newObject, [inTable, ...describeCounter(counter)])),
        ...timedSets.map((set, id) => make(message.newSet, [inTable, ...describeTimedSet(set, id + 1)])),
      ]),
      'make a table of the packet filter',
    )
  } catch (error) {
    socket[Symbol.dispose]()
    throw error
  }
  return {
    replaceRules: (rules) => {
      const clear = chains.map((chain) =>
        make(message.deleteRule, [inTable, attribute(at.rule.chain, text(chain.name))], 0),
      )
      const fill = rules.map((rule) =>
        make(message.newRule, [inTable, ...describeRule(rule)], netlink.create | netlink.append),
      )
      socket.ask(batch([...clear, ...fill]), 'set rules of the packet filter')
    },
    renew: (set, deviceIndex, timeoutMs) => {
      const forget = make(message.deleteElement, [inTable, ...everyElement(set)], 0)
      const learn = make(message.newElement, [inTable, ...describeElement(set, deviceIndex, timeoutMs)])
      socket.ask(batch([forget, learn]), 'renew a set of the packet filter')
    },
    counters: () => {
      const type = attribute(at.object.type, uint32(counterObject))
      const request = { ...make(message.getObject, [inTable, type]), flags: netlink.dump }
      const answers = socket.ask([request], 'read counters of the packet filter')
      return Object.fromEntries(answers.map(({ attributes }) => readCounter(attributes)))
    },
    [Symbol.dispose]: () => socket[Symbol.dispose](),
  }
}

function tables(number: number): number {
  return (netlink.tables << 8) | number
}

/** All or nothing. */
function batch(messages: readonly Message[]): Message[] {
  const [begin, end] = [netlink.batchBegin, netlink.batchEnd].map((type) => ({
    ...{ type, family: 0, resource: netlink.tables },
  }))
  return [begin, ...messages, end].filter((it) => it !== undefined)
}

function describeChain(chain: Chain): Buffer[] {
  return [
    attribute(at.chain.name, text(chain.name)),
    nested(
      at.chain.hook,
      attribute(at.hook.number, uint32(hook[chain.hook])),
      attribute(at.hook.priority, uint32(chain.priority)),
    ),
    attribute(at.chain.type, text(chain.type)),
  ]
}

function describeCounter(name: string): Buffer[] {
  return [
    attribute(at.object.name, text(name)),
    attribute(at.object.type, uint32(counterObject)),
    nested(at.object.data),
  ]
}

function describeRule({ chain, expressions }: Rule): Buffer[] {
  const elements = expressions.map((it) => nested(at.element, it))
  return [attribute(at.rule.chain, text(chain)), nested(at.rule.expressions, ...elements)]
}

/** @throws NetemError when the kernel answers with something else */
function readCounter(attributes: Buffer): [name: string, packets: number] {
  const fields = readAttributes(attributes)
  const data = fields.get(at.object.data)
  const packets = data && readAttributes(data).get(at.counter.packets)
  const name = fields.get(at.object.name)
  if (packets === undefined || name === undefined) {
    throw new NetemError(
      'system-call',
      'Cannot read counters of the packet filter: the answer has another shape; tell us the kernel',
    )
  }
  return [name.toString('latin1', 0, name.length - 1), Number(packets.readBigUInt64BE())]
}
