/**
 * What the shaper counted, as evidence. Packets that were only seen are no harm: it bit when some were delayed, lost,
 * duplicated, corrupted or overtaken. The kernel's netem counts fewer things; where it is silent, only what cannot
 * have failed to happen is taken for evidence.
 */
import type { Counts, Impairment, Receipt } from '@squall/netem'
import type { FaultReceipt } from './fault.ts'
import type { NetworkLife } from './network-hold.ts'

/** What is told, and in which words. */
const told: readonly (readonly [keyof Counts, string])[] = [
  ['delayed', 'delayed'],
  ['lost', 'lost'],
  ['overLimit', 'over the limit'],
  ['duplicated', 'duplicated'],
  ['corrupted', 'corrupted'],
  ['reordered', 'reordered'],
  // Held by a queue when another agent beside the unit went, whose rules the kernel took off.
  ['failed', 'not handed on'],
  ['slipped', 'let by because the agent was stopped'],
  ['passed', 'passed untouched'],
]

/** @param impairments Those that were asked for. */
export function packetReceipt(
  lives: readonly NetworkLife[],
  impairments: readonly Impairment[],
): FaultReceipt {
  return {
    bit: lives.some(({ receipt, state }) => state !== 'unknown' && hasStruck(receipt, impairments)),
    rung: rungOf(lives),
    evidence: lives.length === 0 ? 'the target did not run' : lives.map(inWords).join('; then '),
    packets: lives.map(({ receipt }) => receipt),
  }
}

function rungOf(lives: readonly NetworkLife[]): string {
  return [...new Set(lives.map(({ receipt }) => receipt.rung))].join(', ') || 'none'
}

function hasStruck(receipt: Receipt, impairments: readonly Impairment[]): boolean {
  const count = counted(receipt)
  const struck = harms.reduce((sum, name) => sum + count(name), 0)
  return struck > 0 || (receipt.rung === 'kernel' && count('seen') > 0 && impairments.every(strikesEach))
}

const harms = ['delayed', 'lost', 'overLimit', 'duplicated', 'corrupted', 'reordered'] as const

/** Nothing that it is meant for gets by unharmed. */
function strikesEach({ delay, rate, duplicate, corrupt }: Impairment): boolean {
  return (
    (delay?.meanMs ?? 0) > 0 || rate !== undefined || duplicate?.percent === 100 || corrupt?.percent === 100
  )
}

/** Since it came into force. */
function counted({ before, after }: Receipt): (name: keyof Counts) => number {
  return (name) => (after[name] ?? 0) - (before[name] ?? 0)
}

function inWords({ receipt, state }: NetworkLife): string {
  const { impairments, device, isSeeded, late } = receipt
  const count = counted(receipt)
  const what = `${impairments.join(', ')} on ${device}${isSeeded ? '' : ' (the kernel takes no seed)'}`
  if (state === 'in force') return `${what}: in force`
  if (state === 'unknown') return `${what}: its agent went without a word, so what it did is not known`
  const figures = told.flatMap(([name, word]) => (count(name) > 0 ? [`${count(name)} ${word}`] : []))
  const lateness =
    late && late.packets > 0
      ? `; LATE: ${late.packets} handed on over ${late.boundMs} ms late (at most ${late.maxMs} ms), so delays were longer than asked for`
      : ''
  return `${what}: ${[`${count('seen')} packets seen`, ...figures].join(', ')}${lateness}`
}
