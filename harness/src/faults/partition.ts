/**
 * Cuts the target off from others, by rules of the packet filter in its own network. An agent in a container beside it
 * owns them, so they go with it. The packets that were refused are the receipt.
 */
import type { PartitionReceipt } from '@squall/netem'
import type { PartitionFault } from '../spec/partition-fault.ts'
import type { Fault, FaultReceipt, FaultTarget } from './fault.ts'
import { needsPacketFilter, networkOf } from './needs.ts'
import { holdNetwork, type NetworkLife } from './network-hold.ts'

export const partition: Fault<'partition'> = {
  kind: 'partition',
  summary:
    'cuts it off from other services or everybody: silence or refusal, in one direction or both, on and off',
  available: needsPacketFilter,
  prepare: async ({ unit }) => await unit.network?.effects.partition.standBy(),
  async inject(spec, target) {
    const peers = await peersOf(spec, target)
    const { direction, how, flap } = spec
    const hold = await holdNetwork({
      ...target,
      onRestart: 'reapply',
      side: networkOf(target.unit).effects.partition,
      apply: (agent) => agent.apply({ peers, direction, how, ...(flap && { flap }) }),
    })
    return { over: hold.over, heal: () => hold.end(), receipt: () => receiptOf(hold.lives()) }
  },
}

/** @throws EngineError for a peer that does not run: it has no address */
async function peersOf({ from }: PartitionFault, { unit }: FaultTarget): Promise<'everybody' | string[]> {
  if (from === 'everybody') return from
  const of = networkOf(unit)
  return await Promise.all(from.map((name) => of.addressOf(name)))
}

function receiptOf(lives: readonly NetworkLife<PartitionReceipt>[]): FaultReceipt {
  return {
    bit: lives.some(
      ({ receipt, state }) => state !== 'unknown' && receipt.refused.in + receipt.refused.out > 0,
    ),
    rung: lives[0]?.receipt.rung ?? 'none',
    evidence: lives.length === 0 ? 'the target did not run' : lives.map(inWords).join('; then '),
  }
}

function inWords({ receipt, state }: NetworkLife<PartitionReceipt>): string {
  const { partition: what, refused, cuts, cutMs } = receipt
  if (state === 'in force') return `${what}: in force`
  if (state === 'unknown') return `${what}: its agent went without a word, so what it did is not known`
  const times = cuts === 1 ? '' : `, in ${cuts} cuts`
  return `${what}: ${refused.in} packets in and ${refused.out} out refused in ${cutMs} ms${times}`
}
