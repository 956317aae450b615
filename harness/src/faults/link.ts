/**
 * Harms the connections of the target in the proxy that stands before it: delays, slows, stalls, cuts, resets, refuses.
 * The proxy's counters are the receipt.
 *
 * The reaper is told nothing: the proxy lives in this process and ends with it, however it ends, and its connections
 * with it. Nothing of the target is touched.
 */
import { type ActiveLinkHarm, type HarmCounts, type Link, type LinkHarm, writeLinkHarm } from '@squall/netem'
import { linkHarmOf } from '../spec/link-fault.ts'
import type { ActiveFault, Fault, FaultTarget } from './fault.ts'
import { isRefused } from './refused-connection.ts'

const rung = 'link'

export const link: Fault<'link'> = {
  kind: 'link',
  summary: 'delays, slows, stalls, cuts, resets or refuses its connections, in a TCP proxy before it',
  available: () => ({ available: true, rung }),
  refuses: ({ toward }, { engine }) =>
    toward === 'upstream' && engine === 'docker'
      ? 'containers cannot reach a proxy on the loopback of this machine; use a network fault, or the process engine'
      : undefined,
  inject: (spec, target) => harmLink(target, [linkHarmOf(spec)]),
}

/** In force together. For every kind that is done by the proxy. */
export async function harmLink(target: FaultTarget, harms: readonly LinkHarm[]): Promise<ActiveFault> {
  const of = linkOf(target)
  await using undo = new AsyncDisposableStack()
  const active: ActiveLinkHarm[] = []
  for (const harm of seeded(harms, target.packetSeed)) {
    const one = await of.harm(harm)
    undo.defer(() => one.heal())
    active.push(one)
  }
  const isClosed = harms.some(({ refuse }) => refuse === 'closed') && (await isRefused(of.address))
  const heal = undo.move()
  let isHealed = false
  return {
    async heal() {
      await heal.disposeAsync()
      isHealed = true
    },
    receipt: () => ({
      bit: isClosed || active.some((one) => hasStruck(one.counts())),
      rung,
      evidence: active.map((one) => inWords(one.spec, one.counts(), { isClosed, isHealed })).join('; '),
    }),
  }
}

function linkOf({ link: of, unit }: FaultTarget): Link {
  if (of !== undefined) return of
  throw new Error(
    `Cannot harm the connections of ${unit.name}: no proxy stands before it; run it with a plan`,
  )
}

function seeded(harms: readonly LinkHarm[], seed: number | undefined): readonly LinkHarm[] {
  return seed === undefined ? harms : harms.map((harm) => ({ seed, ...harm }))
}

/** What is told, and in which words. All but the first are harm. */
const told = [
  ['connections', 'connections struck'],
  ['delayed', 'writes delayed'],
  ['sliced', 'writes sliced'],
  ['stalled', 'streams stalled'],
  ['slowClosed', 'ends of streams delayed'],
  ['cut', 'cut'],
  ['reset', 'reset'],
  ['refused', 'refused'],
] as const satisfies readonly (readonly [keyof HarmCounts, string])[]

function hasStruck(counts: HarmCounts): boolean {
  return told.some(([name]) => name !== 'connections' && counts[name] > 0)
}

function inWords(
  harm: LinkHarm,
  counts: HarmCounts,
  state: { readonly isClosed: boolean; readonly isHealed: boolean },
): string {
  const figures = told.flatMap(([name, words]) => (counts[name] > 0 ? [`${counts[name]} ${words}`] : []))
  const closed = state.isClosed && harm.refuse === 'closed' ? ['a connection of our own was refused'] : []
  const late = counts.lateMsMax > lateMsNamed ? [`up to ${counts.lateMsMax.toFixed(0)} ms late`] : []
  const seen = [...closed, ...figures, ...late]
  const nothing = state.isHealed ? 'it met nothing' : 'in force'
  return `${writeLinkHarm(harm)}: ${seen.length === 0 ? nothing : seen.join(', ')}`
}

/** Less is what a timer and a busy process take. */
const lateMsNamed = 20
