/**
 * What is read of a frame: where its parts lie. One object per reader, overwritten by each frame, so that nothing is
 * allocated per packet. Ethernet II with at most one VLAN tag, IPv4, IPv6 with its usual extension headers
 * (RFC 8200 section 4), TCP, UDP, ICMP; all else is a frame without address and ports.
 */

const etherHeaderBytes = 14
const vlanTagBytes = 4
const etherTypeAt = 12

const etherType = { ipv4: 0x0800, vlan: 0x8100, ipv6: 0x86dd } as const

/** Numbers of IANA's protocol registry. */
export const ipProtocol = {
  hopByHop: 0,
  icmp: 1,
  tcp: 6,
  udp: 17,
  routing: 43,
  fragment: 44,
  icmpv6: 58,
  destinationOptions: 60,
} as const

export class Frame {
  /** 4, 6, or 0 for a frame that is neither. */
  ipVersion = 0
  /** Length of one address: 4 or 16. */
  addressBytes = 0
  sourceAt = 0
  destinationAt = 0
  protocol = -1
  /** Where the header of TCP, UDP or ICMP begins; -1 when it is not in this frame (a later fragment). */
  transportAt = -1
  /** A piece of a packet: the checksum of the whole cannot be set right in it. */
  isFragment = false
  /** End of the IP packet; Ethernet may have padded it. */
  endAt = 0

  /** @param begin of the Ethernet header, @param end of the frame, both in `bytes` */
  read(bytes: Uint8Array, begin: number, end: number): void {
    this.#clear(end)
    let ipAt = begin + etherHeaderBytes
    let type = uint16(bytes, begin + etherTypeAt)
    if (type === etherType.vlan) {
      type = uint16(bytes, begin + etherTypeAt + vlanTagBytes)
      ipAt += vlanTagBytes
    }
    this.#readIp(type, bytes, ipAt, end)
  }

  /** A packet without a frame. @param begin of the header of IP */
  readPacket(bytes: Uint8Array, begin: number, end: number): void {
    this.#clear(end)
    const version = (bytes[begin] ?? 0) >> 4
    this.#readIp(version === 4 ? etherType.ipv4 : etherType.ipv6, bytes, begin, end)
  }

  #clear(end: number): void {
    this.ipVersion = 0
    this.protocol = -1
    this.transportAt = -1
    this.isFragment = false
    this.endAt = end
  }

  #readIp(type: number, bytes: Uint8Array, ipAt: number, end: number): void {
    if (type === etherType.ipv4 && ipAt + 20 <= end) this.#readIpv4(bytes, ipAt, end)
    else if (type === etherType.ipv6 && ipAt + 40 <= end) this.#readIpv6(bytes, ipAt, end)
  }

  /** RFC 791 section 3.1. */
  #readIpv4(bytes: Uint8Array, at: number, end: number): void {
    this.ipVersion = 4
    this.addressBytes = 4
    this.sourceAt = at + 12
    this.destinationAt = at + 16
    this.protocol = bytes[at + 9] ?? -1
    this.endAt = Math.min(end, at + uint16(bytes, at + 2))
    const fragment = uint16(bytes, at + 6)
    const offset = fragment & 0x1f_ff
    const moreFollow = (fragment & 0x20_00) !== 0
    this.isFragment = moreFollow || offset !== 0
    if (offset === 0) this.transportAt = at + ((bytes[at] ?? 0) & 0x0f) * 4
  }

  /** RFC 8200 sections 3 and 4. */
  #readIpv6(bytes: Uint8Array, at: number, end: number): void {
    this.ipVersion = 6
    this.addressBytes = 16
    this.sourceAt = at + 8
    this.destinationAt = at + 24
    this.endAt = Math.min(end, at + 40 + uint16(bytes, at + 4))
    let next = bytes[at + 6] ?? -1
    let headerAt = at + 40
    while (headerAt + 8 <= end) {
      if (next === ipProtocol.fragment) {
        const isLater = uint16(bytes, headerAt + 2) >> 3 !== 0
        this.isFragment = true
        next = bytes[headerAt] ?? -1
        if (isLater) {
          this.protocol = next
          return
        }
        headerAt += 8
      } else if (isExtension(next)) {
        next = bytes[headerAt] ?? -1
        headerAt += ((bytes[headerAt + 1] ?? 0) + 1) * 8
      } else break
    }
    this.protocol = next
    this.transportAt = headerAt
  }
}

function isExtension(next: number): boolean {
  return next === ipProtocol.hopByHop || next === ipProtocol.routing || next === ipProtocol.destinationOptions
}

export function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
}
