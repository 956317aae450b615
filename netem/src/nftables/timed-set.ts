/**
 * A set whose element the kernel forgets by itself: a sign of life for rules. A rule that asks for the element stops
 * matching when nobody has renewed it in time, also while the process that should have is stopped. It takes no eBPF.
 * Messages and attributes: linux/netfilter/nf_tables.h of Linux 6.18.
 */
import { attribute, text } from '../netlink/wire.ts'
import { nested, uint32 } from './netlink.ts'

/** NFTA_SET_*, NFTA_SET_ELEM_LIST_*, NFTA_SET_ELEM_*, NFTA_LIST_ELEM, NFTA_DATA_VALUE */
const at = {
  set: { name: 2, flags: 3, keyType: 4, keyBytes: 5, id: 10 },
  list: { set: 2, elements: 3 },
  element: { key: 1, timeoutMs: 4 },
  listed: 1,
  value: 1,
} as const

/** NFT_SET_TIMEOUT */
const forgets = 0x10

/** For programs that print sets; the kernel does not look at it. */
const anyType = 0

/** Of NFT_MSG_NEWSET, besides the table: a set of numbers of devices. @param id tells the sets of one message apart */
export function describeTimedSet(name: string, id: number): Buffer[] {
  return [
    attribute(at.set.name, text(name)),
    attribute(at.set.flags, uint32(forgets)),
    attribute(at.set.keyType, uint32(anyType)),
    attribute(at.set.keyBytes, uint32(4)),
    attribute(at.set.id, uint32(id)),
  ]
}

/** Of NFT_MSG_DELSETELEM: every element, also when there is none. */
export function everyElement(set: string): Buffer[] {
  return [attribute(at.list.set, text(set))]
}

/** Of NFT_MSG_NEWSETELEM. */
export function describeElement(set: string, deviceIndex: number, timeoutMs: number): Buffer[] {
  const key = Buffer.alloc(4)
  key.writeUInt32LE(deviceIndex) // in the order of the machine, as `meta iif` loads it
  const timeout = Buffer.alloc(8)
  timeout.writeBigUInt64BE(BigInt(timeoutMs))
  const element = nested(
    at.listed,
    nested(at.element.key, attribute(at.value, key)),
    attribute(at.element.timeoutMs, timeout),
  )
  return [attribute(at.list.set, text(set)), nested(at.list.elements, element)]
}
