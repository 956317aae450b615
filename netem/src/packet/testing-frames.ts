/** Frames for tests, with right checksums, and the checksum computed the long way. */
import { addressBytes } from './packet-matcher.ts'

export type FrameOptions = {
  readonly from: string
  readonly to: string
  readonly protocol: 'tcp' | 'udp'
  readonly ports: readonly [number, number]
  readonly payload: Uint8Array
  readonly vlan?: boolean
  /** Zero bytes after the packet, as Ethernet pads short ones. */
  readonly paddingBytes?: number
}

export function makeFrame(options: FrameOptions): Uint8Array {
  const { from, to, ports, payload } = options
  const [source, destination] = [addressBytes(from), addressBytes(to)]
  const isTcp = options.protocol === 'tcp'
  const protocol = isTcp ? 6 : 17
  const transport = new Uint8Array((isTcp ? 20 : 8) + payload.length)
  const view = new DataView(transport.buffer)
  view.setUint16(0, ports[0])
  view.setUint16(2, ports[1])
  if (isTcp) view.setUint8(12, 5 << 4)
  else view.setUint16(4, transport.length)
  transport.set(payload, isTcp ? 20 : 8)
  const checksum = transportChecksum(source, destination, protocol, transport)
  // RFC 768: in UDP zero says that there is none, so a sender writes its other form.
  view.setUint16(isTcp ? 16 : 6, !isTcp && checksum === 0 ? 0xff_ff : checksum)
  const ip =
    source.length === 4
      ? ipv4Header(source, destination, protocol, transport.length)
      : ipv6Header(source, destination, protocol, transport.length)
  const ether = new Uint8Array(options.vlan ? 18 : 14)
  const type = source.length === 4 ? [0x08, 0x00] : [0x86, 0xdd]
  ether.set(options.vlan ? [0x81, 0x00, 0, 7, ...type] : type, 12)
  return Uint8Array.from([...ether, ...ip, ...transport, ...Array<number>(options.paddingBytes ?? 0).fill(0)])
}

/** RFC 1071 over the pseudo header and the segment, whose checksum field counts as zero only if it is. */
export function transportChecksum(
  source: Uint8Array,
  destination: Uint8Array,
  protocol: number,
  transport: Uint8Array,
): number {
  const { length } = transport
  const pseudo = [...source, ...destination, 0, protocol, length >> 8, length & 0xff]
  const bytes = [...pseudo, ...transport, ...(length % 2 === 1 ? [0] : [])]
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
  while (sum > 0xff_ff) sum = (sum & 0xff_ff) + (sum >>> 16)
  return ~sum & 0xff_ff
}

function ipv4Header(source: Uint8Array, destination: Uint8Array, protocol: number, length: number): number[] {
  const total = 20 + length
  return [0x45, 0, total >> 8, total & 0xff, 0, 1, 0, 0, 64, protocol, 0, 0, ...source, ...destination]
}

function ipv6Header(source: Uint8Array, destination: Uint8Array, protocol: number, length: number): number[] {
  return [0x60, 0, 0, 0, length >> 8, length & 0xff, protocol, 64, ...source, ...destination]
}
