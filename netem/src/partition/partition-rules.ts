/**
 * A partition as rules of the packet filter, one chain for what comes in and one for what goes out. They look at each
 * packet and not only at the first of a connection, so connections that are open are cut too.
 *
 *   loopback                  goes on: it is the target talking to itself, Docker's name server included
 *   neighbour discovery       goes on, as ARP does, which is no packet of IP
 *   our own resets and errors go on, or nobody would ever hear of a rejection
 *   a packet of a peer        counted, then dropped or rejected
 */
import { isIPv4 } from 'node:net'
import {
  accept,
  count,
  drop,
  type Expression,
  ipField,
  ofConnection,
  ofFamily,
  ofProtocol,
  onDevice,
  packetFamily,
  reset,
  transportField,
  unreachable,
} from '../nftables/expressions.ts'
import type { Chain, Rule } from '../nftables/owned-table.ts'
import { ipProtocol } from '../packet/frame.ts'
import { addressBytes } from '../packet/packet-matcher.ts'
import type { Partition } from './partition.ts'

/** After addresses were translated (-100), so that a peer is who it is; before rules of a user (0). */
const priority = -10

/** `refused`: counters have the same names. */
export const chains: readonly Chain[] = [
  { name: 'in', type: 'filter', hook: 'input', priority },
  { name: 'out', type: 'filter', hook: 'output', priority },
]

/** In every network namespace it is the first device. */
const loopback = 1

/** Where an address stands: RFC 791 section 3.1, RFC 8200 section 3. */
const addressAt = {
  4: { in: 12, out: 16 },
  16: { in: 8, out: 24 },
} as const

/** RFC 9293 section 3.1: offset of the flags, and RST. RFC 792, RFC 4443: type "unreachable". */
const flagsAt = 13
const resetFlag = Buffer.of(0x04)
const unreachableIn4 = Buffer.of(3)
const unreachableIn6 = Buffer.of(1)

export function partitionRules({ peers, direction = 'both', how }: Partition): Rule[] {
  return (['in', 'out'] as const).flatMap((chain) => {
    const concerned = connectionsOf(direction, chain)
    const strike = how === 'drop' ? [[drop]] : [[...ofProtocol(ipProtocol.tcp), reset()], [unreachable()]]
    const whom = peers === 'everybody' ? [[]] : peers.map((peer) => ofPeer(peer, chain))
    const struck = whom.flatMap((peer) => [
      [...peer, ...concerned, count(chain)],
      ...strike.map((last) => [...peer, ...concerned, ...last]),
    ])
    const spared = how === 'reject' && chain === 'out' ? rejections : []
    const rules = [[...onDevice(chain, loopback), accept], ...neighbours, ...spared, ...struck]
    return rules.map((expressions) => ({ chain, expressions }))
  })
}

/** Packets of what the target has opened go out in the first direction of their connection, and come in as replies. */
function connectionsOf(direction: NonNullable<Partition['direction']>, chain: 'in' | 'out'): Expression[] {
  if (direction === 'both') return []
  return ofConnection(direction === chain ? 'original' : 'reply')
}

function ofPeer(peer: string, chain: 'in' | 'out'): Expression[] {
  const [address = '', prefix] = peer.split('/')
  const bytes = Buffer.from(addressBytes(address))
  const mask = prefix === undefined ? undefined : maskOf(Number(prefix), bytes.length)
  const wanted =
    mask === undefined ? bytes : Buffer.from(bytes.map((byte, index) => byte & (mask[index] ?? 0)))
  const family = isIPv4(address) ? packetFamily.ipv4 : packetFamily.ipv6
  const offset = addressAt[isIPv4(address) ? 4 : 16][chain]
  return [...ofFamily(family), ...ipField(offset, wanted, mask)]
}

function maskOf(bits: number, length: number): Buffer {
  return Buffer.from(
    Array.from({ length }, (_, index) => (0xff << (8 - Math.min(8, Math.max(0, bits - 8 * index)))) & 0xff),
  )
}

/** RFC 4861 sections 4.3 and 4.4: solicitation and advertisement. */
const neighbours: readonly Expression[][] = [135, 136].map((type) => [
  ...ofProtocol(ipProtocol.icmpv6),
  ...transportField(0, Buffer.of(type)),
  accept,
])

const rejections: readonly Expression[][] = [
  [...ofProtocol(ipProtocol.tcp), ...transportField(flagsAt, resetFlag, resetFlag), accept],
  [...ofProtocol(ipProtocol.icmp), ...transportField(0, unreachableIn4), accept],
  [...ofProtocol(ipProtocol.icmpv6), ...transportField(0, unreachableIn6), accept],
]
