/**
 * Makes the kernel forget where it sends the questions of sockets that are open. It remembers per pair of ports, so a
 * program that asks from one socket for hours would never come to us, nor back from us
 * (linux/netfilter/nfnetlink_conntrack.h).
 */

import { attribute } from '../netlink/wire.ts'
import { packetFamily } from '../nftables/expressions.ts'
import { openNetlink, readAttributes } from '../nftables/netlink.ts'
import { ipProtocol } from '../packet/frame.ts'
import { addressBytes } from '../packet/packet-matcher.ts'
import { netlink } from '../userspace/linux.ts'
import { embeddedDns } from './embedded-dns.ts'

/** IPCTNL_MSG_CT_GET, IPCTNL_MSG_CT_DELETE */
const message = { get: 1, delete: 2 } as const
/** CTA_TUPLE_ORIG, CTA_TUPLE_IP, CTA_IP_V4_DST, CTA_TUPLE_PROTO, CTA_PROTO_NUM, CTA_PROTO_DST_PORT */
const at = { original: 1, ip: 1, destination: 2, protocol: 2, number: 1, destinationPort: 3 } as const

/** UDP only: a connection of TCP goes on as it is. Without connection tracking there is nothing to forget. */
export function forgetFlows(): void {
  using socket = openNetlink()
  const ask = (number: number, flags: number, ...attributes: readonly Buffer[]) =>
    socket.ask(
      [{ type: (netlink.connectionTracking << 8) | number, flags, family: packetFamily.ipv4, attributes }],
      'look at the connections of the kernel',
    )
  for (const { attributes } of ask(message.get, netlink.dump)) {
    const original = readAttributes(attributes).get(at.original)
    if (original === undefined || !isQuestion(original)) continue
    try {
      ask(message.delete, netlink.acknowledge, attribute(at.original | netlink.nested, original))
    } catch {
      // Gone by itself between the two.
    }
  }
}

function isQuestion(tuple: Buffer): boolean {
  const fields = readAttributes(tuple)
  const ip = readAttributes(fields.get(at.ip) ?? Buffer.alloc(0))
  const protocol = readAttributes(fields.get(at.protocol) ?? Buffer.alloc(0))
  return (
    protocol.get(at.number)?.readUInt8() === ipProtocol.udp &&
    protocol.get(at.destinationPort)?.readUInt16BE() === embeddedDns.port &&
    ip.get(at.destination)?.equals(addressBytes(embeddedDns.address)) === true
  )
}
