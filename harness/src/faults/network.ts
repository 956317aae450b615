/**
 * Impairs the packets of the target: delay, loss, duplicates, corruption, reordering, rate, in its own network
 * namespace, so that whoever talks to it is struck, over a published port too. netem's agent does it; its counters are
 * the receipt. Where no container can stand beside the target, the proxy before it stands in as far as it can: rung
 * `link`.
 */
import { asLinkHarms, type Impairment, whyNotByQueue } from '@squall/netem'
import type { EngineKind } from '../environment/engine.ts'
import { impairmentsOf, type NetworkFault, peersOf } from '../spec/network-fault.ts'
import { messageOf } from '../support/errors.ts'
import { subSeed } from '../support/random.ts'
import type { Fault, FaultTarget, Place } from './fault.ts'
import { harmLink } from './link.ts'
import { needsSideContainer, networkOf } from './needs.ts'
import { holdNetwork } from './network-hold.ts'
import { packetReceipt } from './network-receipt.ts'

export const network: Fault<'network'> = {
  kind: 'network',
  summary: 'delays, loses, duplicates, corrupts, reorders or slows its packets, as netem does',
  available: (place) => (isByLink(place.engine) ? linkRung : needsSideContainer(place)),
  refuses: (spec, place) => (isByLink(place.engine) ? whyNotByLink(spec) : whyNotByRung(spec, place)),
  prepare: async ({ unit }) => await unit.network?.packets.standBy(),
  async inject(spec, target) {
    if (target.unit.network === undefined && target.link !== undefined) {
      return await harmLink(target, asLinkHarms(impairmentsOf(spec.impair, (peer) => peer)))
    }
    const impairments = seeded(await resolved(spec, target), target.packetSeed)
    const hold = await holdNetwork({
      ...target,
      onRestart: spec.onRestart,
      side: networkOf(target.unit).packets,
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

/** Child processes share the network of this machine. */
function isByLink(engine: EngineKind): boolean {
  return engine === 'process'
}

const linkRung = { available: true, rung: 'link (a TCP proxy: delay, jitter and rate only)' } as const

/** Where the only way to packets is a queue, which can do less. */
function whyNotByRung({ impair }: NetworkFault, { networkRungs = [] }: Place): string | undefined {
  const best = networkRungs.find(({ can }) => can !== 'no')
  if (best?.can !== 'yes' || best.way !== 'nfqueue') return undefined
  return impairmentsOf(impair, () => '192.0.2.1')
    .map(whyNotByQueue)
    .find((reason) => reason !== undefined)
}

function whyNotByLink({ impair, onRestart }: NetworkFault): string | undefined {
  if (onRestart === 'end') {
    return 'a proxy stays where it is while the service restarts; leave onRestart out'
  }
  try {
    asLinkHarms(impairmentsOf(impair, () => '192.0.2.1'))
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}
