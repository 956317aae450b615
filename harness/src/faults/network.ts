/**
 * Impairs the packets of the target: delay, loss, duplicates, corruption, reordering, rate, in its own network
 * namespace, so that whoever talks to it is struck, over a published port too. netem's agent does it; its counters are
 * the receipt.
 */
import type { Impairment } from '@squall/netem'
import { impairmentsOf, type NetworkFault, peersOf } from '../spec/network-fault.ts'
import { subSeed } from '../support/random.ts'
import type { Fault, FaultTarget } from './fault.ts'
import { needsSideContainer, networkOf } from './needs.ts'
import { holdNetwork } from './network-hold.ts'
import { packetReceipt } from './network-receipt.ts'

export const network: Fault<'network'> = {
  kind: 'network',
  summary: 'delays, loses, duplicates, corrupts, reorders or slows its packets, as netem does',
  available: needsSideContainer,
  async inject(spec, target) {
    const impairments = seeded(await resolved(spec, target), target.packetSeed)
    const hold = await holdNetwork({
      ...target,
      onRestart: spec.onRestart,
      apply: (agent) => agent.apply(impairments),
    })
    return {
      over: hold.over,
      heal: () => hold.end(),
      receipt: () => packetReceipt(hold.lives(), impairments),
    }
  },
}

/** With the addresses of the units that are named as peers. */
async function resolved({ impair }: NetworkFault, { unit }: FaultTarget): Promise<readonly Impairment[]> {
  const of = networkOf(unit)
  const addresses = new Map(
    await Promise.all(peersOf(impair).map(async (peer) => [peer, await of.addressOf(peer)] as const)),
  )
  return impairmentsOf(impair, (peer) => addresses.get(peer) ?? peer)
}

function seeded(impairments: readonly Impairment[], seed: number | undefined): readonly Impairment[] {
  if (seed === undefined) return impairments
  return impairments.map((it, index) => ({ seed: subSeed(seed, `${index}`), ...it }))
}
