/**
 * Makes names fail for the target: its questions to Docker's name server come to an agent beside it, which answers some
 * itself and sends the rest on. Questions for the names that were answered wrongly, late or not at all are the receipt.
 */
import type { NamesReceipt } from '@squall/netem'
import type { Fault, FaultReceipt } from './fault.ts'
import { needsPacketFilter, networkOf } from './needs.ts'
import { holdNetwork, type NetworkLife } from './network-hold.ts'

export const dns: Fault<'dns'> = {
  kind: 'dns',
  summary: 'names of other services are unknown to it, cannot be told, are not answered, or only late',
  available: needsPacketFilter,
  prepare: async ({ unit }) => await unit.network?.effects.names.standBy(),
  async inject({ names, failure }, target) {
    const hold = await holdNetwork({
      ...target,
      onRestart: 'reapply',
      side: networkOf(target.unit).effects.names,
      apply: (agent) => agent.apply({ names, failure }),
    })
    return { over: hold.over, heal: () => hold.end(), receipt: () => receiptOf(hold.lives()) }
  },
}

function receiptOf(lives: readonly NetworkLife<NamesReceipt>[]): FaultReceipt {
  return {
    bit: lives.some(({ receipt, state }) => state !== 'unknown' && struck(receipt) > 0),
    rung: lives[0]?.receipt.rung ?? 'none',
    evidence: lives.length === 0 ? 'the target did not run' : lives.map(inWords).join('; then '),
  }
}

function struck({ questions }: NamesReceipt): number {
  return questions.failed + questions.silenced + questions.delayed
}

function inWords({ receipt, state }: NetworkLife<NamesReceipt>): string {
  const { fault, questions } = receipt
  if (state === 'in force') return `${fault}: in force`
  if (state === 'unknown') return `${fault}: its agent went without a word, so what it did is not known`
  const { failed, silenced, delayed, passed } = questions
  return `${fault}: ${failed} questions failed, ${silenced} unanswered, ${delayed} late, ${passed} passed untouched`
}
