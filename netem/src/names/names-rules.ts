/** Questions for Docker's name server, sent to our own ports instead. */
import { bigUint16, ipField, ofProtocol, redirectTo, transportField } from '../nftables/expressions.ts'
import type { Chain, Rule } from '../nftables/owned-table.ts'
import { ipProtocol } from '../packet/frame.ts'
import { addressBytes } from '../packet/packet-matcher.ts'
import { embeddedDns, type NameServer } from './embedded-dns.ts'

/** The engine's own rules, which send them to where it listens, have -100 (NF_IP_PRI_NAT_DST). The first decides. */
export const chain: Chain = { name: 'ask', type: 'nat', hook: 'output', priority: -110 }

/** Offsets: RFC 791 section 3.1, RFC 768, RFC 9293 section 3.1. */
const destinationAt = { address: 16, port: 2 } as const

/** @param ours where we listen */
export function namesRules(ours: NameServer): Rule[] {
  return (['udp', 'tcp'] as const).map((protocol) => ({
    chain: chain.name,
    expressions: [
      ...ipField(destinationAt.address, Buffer.from(addressBytes(embeddedDns.address))),
      ...ofProtocol(ipProtocol[protocol]),
      ...transportField(destinationAt.port, bigUint16(embeddedDns.port)),
      ...redirectTo(ours[protocol]),
    ],
  }))
}
