/**
 * Damage to a frame: one bit is flipped, as in sch_netem.c, anywhere in the frame. The receiver's checksums mostly
 * find it and the packet is as good as lost.
 *
 * With `fix` the bit is one of the payload of TCP or UDP and the checksum is set right again (RFC 1624, equation 3),
 * so that the damage reaches the application. Packets without such payload stay whole: a bare acknowledgement has
 * nothing that an application would read, and of a fragment the checksum is elsewhere.
 */
import type { PacketRandom } from '../model/random.ts'
import { type Frame, ipProtocol, uint16 } from './frame.ts'

/** Flips one bit. True if it did. @param begin of the Ethernet header */
export function flipAnyBit(bytes: Uint8Array, begin: number, end: number, random: PacketRandom): boolean {
  if (end <= begin) return false
  flip(bytes, begin + random.below(end - begin), random.below(8))
  return true
}

/** Flips one bit of the payload and repairs the checksum. True if it did. */
export function flipPayloadBit(bytes: Uint8Array, frame: Frame, random: PacketRandom): boolean {
  const payloadAt = payloadOf(bytes, frame)
  if (payloadAt < 0 || payloadAt >= frame.endAt) return false
  const at = payloadAt + random.below(frame.endAt - payloadAt)
  // The sum runs over words of 16 bits, counted from the begin of the transport header.
  const wordAt = at - ((at - frame.transportAt) % 2)
  const before = word(bytes, wordAt, frame.endAt)
  flip(bytes, at, random.below(8))
  const after = word(bytes, wordAt, frame.endAt)
  repairChecksum(bytes, checksumAt(frame), before, after, frame.protocol === ipProtocol.udp)
  return true
}

/** RFC 9293 section 3.1 and RFC 768: where the payload begins; -1 when there is none to be reached. */
function payloadOf(bytes: Uint8Array, { isFragment, protocol, transportAt, endAt }: Frame): number {
  if (isFragment || transportAt < 0) return -1
  if (protocol === ipProtocol.udp) return transportAt + 8 <= endAt ? transportAt + 8 : -1
  if (protocol !== ipProtocol.tcp || transportAt + 20 > endAt) return -1
  return transportAt + ((bytes[transportAt + 12] ?? 0) >> 4) * 4
}

function checksumAt({ protocol, transportAt }: Frame): number {
  return transportAt + (protocol === ipProtocol.udp ? 6 : 16)
}

function repairChecksum(bytes: Uint8Array, at: number, before: number, after: number, isUdp: boolean): void {
  const checksum = uint16(bytes, at)
  // UDP over IPv4 without a checksum: nothing to repair.
  if (isUdp && checksum === 0) return
  let sum = (~checksum & 0xff_ff) + (~before & 0xff_ff) + after
  sum = (sum & 0xff_ff) + (sum >>> 16)
  sum = (sum & 0xff_ff) + (sum >>> 16)
  const repaired = ~sum & 0xff_ff
  // In UDP zero means "none", so it is written as its other form.
  const written = isUdp && repaired === 0 ? 0xff_ff : repaired
  bytes[at] = written >> 8
  bytes[at + 1] = written & 0xff
}

/** A last odd byte counts as if a zero followed. */
function word(bytes: Uint8Array, at: number, end: number): number {
  return at + 1 < end ? uint16(bytes, at) : (bytes[at] ?? 0) << 8
}

function flip(bytes: Uint8Array, at: number, bit: number): void {
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
}
