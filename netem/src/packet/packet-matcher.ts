/**
 * Which packets a filter means. The peer is the other side: the destination of what is sent, the source of what is
 * received. A port may be on either side, because the impaired machine is now the server, now the client.
 *
 * Later fragments carry no ports, so a filter with a port does not match them; the first fragment it may.
 */
import { isIPv4 } from 'node:net'
import type { PacketFilter } from '../spec/impairment.ts'
import { type Frame, ipProtocol, uint16 } from './frame.ts'

export type PacketMatcher = (bytes: Uint8Array, frame: Frame) => boolean

export function packetMatcher(filter: PacketFilter | undefined, direction: 'in' | 'out'): PacketMatcher {
  if (filter === undefined) return () => true
  const tests = [
    filter.protocol === undefined ? [] : [ofProtocol(filter.protocol)],
    filter.port === undefined ? [] : [withPort(filter.port)],
    filter.peer === undefined ? [] : [withPeer(filter.peer, direction)],
  ].flat()
  return (bytes, frame) => tests.every((matches) => matches(bytes, frame))
}

function ofProtocol(name: NonNullable<PacketFilter['protocol']>): PacketMatcher {
  const [wanted, wantedInIpv6] =
    name === 'icmp' ? [ipProtocol.icmp, ipProtocol.icmpv6] : [ipProtocol[name], ipProtocol[name]]
  return (_bytes, { ipVersion, protocol }) => protocol === (ipVersion === 6 ? wantedInIpv6 : wanted)
}

function withPort(port: number): PacketMatcher {
  return (bytes, { protocol, transportAt, endAt }) =>
    (protocol === ipProtocol.tcp || protocol === ipProtocol.udp) &&
    transportAt >= 0 &&
    transportAt + 4 <= endAt &&
    (uint16(bytes, transportAt) === port || uint16(bytes, transportAt + 2) === port)
}

function withPeer(peer: string, direction: 'in' | 'out'): PacketMatcher {
  const [address = '', prefix] = peer.split('/')
  const wanted = addressBytes(address)
  const bits = prefix === undefined ? wanted.length * 8 : Number(prefix)
  const wholeBytes = Math.floor(bits / 8)
  const restMask = (0xff << (8 - (bits % 8))) & 0xff
  return (bytes, frame) => {
    if (frame.ipVersion === 0 || frame.addressBytes !== wanted.length) return false
    const at = direction === 'in' ? frame.sourceAt : frame.destinationAt
    for (let index = 0; index < wholeBytes; index++) {
      if (bytes[at + index] !== wanted[index]) return false
    }
    if (bits % 8 === 0) return true
    return (((bytes[at + wholeBytes] ?? 0) ^ (wanted[wholeBytes] ?? 0)) & restMask) === 0
  }
}

/** @param address a valid one; the impairment was validated */
export function addressBytes(address: string): Uint8Array {
  if (isIPv4(address)) return Uint8Array.from(address.split('.'), Number)
  const [head = '', tail] = address.split('::')
  const front = groupBytes(head)
  const back = groupBytes(tail ?? '')
  return Uint8Array.from([...front, ...Array<number>(16 - front.length - back.length).fill(0), ...back])
}

/** "fd00:1:10.0.0.1": groups of 16 bits; the last may be an IPv4 address. */
function groupBytes(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (isIPv4(group)) return group.split('.').map(Number)
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 0xff]
  })
}
