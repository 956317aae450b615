/**
 * Names that fail, in force: questions of the target's programs come to relays of this process, which answer some
 * themselves and send the rest on. The rules that bring them go with the process, as its sockets do.
 */
import type { Effect } from '../agent/effect-agent.ts'
import { until } from '../clock.ts'
import { packetFamily } from '../nftables/expressions.ts'
import { type OwnedTable, openOwnedTable } from '../nftables/owned-table.ts'
import { findNameServer } from './embedded-dns.ts'
import { forgetFlows } from './forget-flows.ts'
import { type NamesFault, parseNamesFault, writeNamesFault } from './names-fault.ts'
import { type NamesCounts, NamesJudge } from './names-judge.ts'
import { chain, namesRules } from './names-rules.ts'
import type { Relay } from './relay.ts'
import { openTcpRelay } from './tcp-relay.ts'
import { openUdpRelay } from './udp-relay.ts'

export type NamesReceipt = {
  readonly rung: 'nftables'
  /** As text. */
  readonly fault: string
  readonly questions: NamesCounts
}

/** For answers that are on their way at the end. */
const graceMs = 300

/** @throws NetemError `bad-impairment`, `no-permission`, `unsupported`; nothing is in force then */
export async function startNames(input: unknown): Promise<Effect<NamesReceipt>> {
  const fault = parseNamesFault(input)
  const server = findNameServer()
  const ending = new AbortController()
  const judge = new NamesJudge(fault, ending.signal)
  const udp = await openUdpRelay(judge, server.udp)
  const tcp = await openTcpRelay(judge, server.tcp)
  const relays = [udp, tcp]
  try {
    const table = redirect({ udp: udp.port, tcp: tcp.port })
    return effectOf({ fault, judge, relays, table, ending })
  } catch (error) {
    for (const relay of relays) relay.close()
    throw error
  }
}

function redirect(ours: { readonly udp: number; readonly tcp: number }): OwnedTable {
  const options = { family: packetFamily.ipv4, purpose: 'names', chains: [chain], counters: [] }
  const table = openOwnedTable(options)
  try {
    table.replaceRules(namesRules(ours))
    forgetFlows()
    return table
  } catch (error) {
    table[Symbol.dispose]()
    throw error
  }
}

type Parts = {
  readonly fault: NamesFault
  readonly judge: NamesJudge
  readonly relays: readonly Relay[]
  readonly table: OwnedTable
  readonly ending: AbortController
}

function effectOf({ fault, judge, relays, table, ending }: Parts): Effect<NamesReceipt> {
  return {
    receipt: () => ({ rung: 'nftables', fault: writeNamesFault(fault), questions: judge.counts }),
    gone: Promise.resolve(),
    end: async () => {
      if (ending.signal.aborted) return
      table[Symbol.dispose]()
      // Those that were held back go on now, and are answered on the way they came.
      ending.abort()
      await until('no answer is on its way', graceMs, quiet(judge, relays)).catch(() => undefined)
      forgetFlows()
      for (const relay of relays) relay.close()
    },
  }
}

/**
 * Nothing is on its way, and nothing came since the last look: taking the rules off takes the kernel some ms, in which
 * questions come that are read only after it.
 */
function quiet(judge: NamesJudge, relays: readonly Relay[]): () => boolean {
  let before = -1
  return () => {
    const { failed, silenced, delayed, passed } = judge.counts
    const asked = failed + silenced + delayed + passed
    const isQuiet = asked === before && relays.every(({ inFlight }) => inFlight === 0)
    before = asked
    return isQuiet
  }
}
