/**
 * The parts of a rule, as the kernel's packet filter takes them: load something into a register, compare it, decide.
 * Numbers are those of linux/netfilter/nf_tables.h and linux/netfilter.h of Linux 6.18.
 */
import { attribute, text } from '../netlink/wire.ts'
import { nested, uint32 } from './netlink.ts'

/** One expression; a rule is a list of them, and ends where a comparison fails. */
export type Expression = Buffer

/** NFPROTO_INET is both versions of IP. */
export const packetFamily = { inet: 1, ipv4: 2, ipv6: 10 } as const

/** NFT_REG_1: 16 bytes, enough for an address. */
const register = 1

/** Attributes by expression: NFTA_EXPR_*, NFTA_META_*, NFTA_CT_*, NFTA_PAYLOAD_*, NFTA_CMP_*, NFTA_BITWISE_* ... */
const at = {
  expression: { name: 1, data: 2 },
  meta: { register: 1, key: 2 },
  connection: { register: 1, key: 2 },
  payload: { register: 1, base: 2, offset: 3, length: 4 },
  compare: { register: 1, operator: 2, value: 3 },
  mask: { from: 1, to: 2, length: 3, mask: 4, xor: 5 },
  immediate: { register: 1, data: 2 },
  data: { value: 1, verdict: 2 },
  verdict: { code: 1 },
  reject: { type: 1, code: 2 },
  object: { type: 1, name: 2 },
  redirect: { port: 1 },
  lookUp: { set: 1, register: 2 },
  queue: { number: 1, total: 2, flags: 3 },
  target: { name: 1, revision: 2, info: 3 },
} as const

const metaKey = { deviceIn: 4, deviceOut: 5, family: 15, protocol: 16 } as const
const connectionKey = { direction: 1 } as const
const header = { network: 1, transport: 2 } as const
const verdict = { drop: 0, accept: 1 } as const
/** NFT_REJECT_TCP_RST; NFT_REJECT_ICMPX_UNREACH and its code for "port unreachable", for both versions of IP. */
const rejection = { reset: 1, unreachable: 2, port: 1 } as const
/** NFT_QUEUE_FLAG_BYPASS: where nobody listens at the queue, packets go on. */
const bypass = 0x1
/** NFT_OBJECT_COUNTER */
export const counterObject = 1

function expression(name: string, ...attributes: readonly Buffer[]): Expression {
  const data = nested(at.expression.data, ...attributes)
  return Buffer.concat([attribute(at.expression.name, text(name)), data])
}

function loadMeta(key: number): Expression {
  return expression(
    'meta',
    attribute(at.meta.register, uint32(register)),
    attribute(at.meta.key, uint32(key)),
  )
}

function isEqual(value: Buffer): Expression {
  return expression(
    'cmp',
    attribute(at.compare.register, uint32(register)),
    attribute(at.compare.operator, uint32(0)),
    nested(at.compare.value, attribute(at.data.value, value)),
  )
}

/** Register = register & mask. */
function masked(mask: Buffer): Expression {
  return expression(
    'bitwise',
    attribute(at.mask.from, uint32(register)),
    attribute(at.mask.to, uint32(register)),
    attribute(at.mask.length, uint32(mask.length)),
    nested(at.mask.mask, attribute(at.data.value, mask)),
    nested(at.mask.xor, attribute(at.data.value, Buffer.alloc(mask.length))),
  )
}

function loadPayload(base: number, offset: number, length: number): Expression {
  return expression(
    'payload',
    attribute(at.payload.register, uint32(register)),
    attribute(at.payload.base, uint32(base)),
    attribute(at.payload.offset, uint32(offset)),
    attribute(at.payload.length, uint32(length)),
  )
}

function decide(code: number): Expression {
  const data = nested(at.data.verdict, attribute(at.verdict.code, uint32(code)))
  return expression('immediate', attribute(at.immediate.register, uint32(0)), nested(at.immediate.data, data))
}

/** The kernel's own order: numbers of devices are in that of the machine. */
function machineUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

export const accept: Expression = decide(verdict.accept)
export const drop: Expression = decide(verdict.drop)

/** @param side of the device: where packets come in or go out */
export function onDevice(side: 'in' | 'out', index: number): Expression[] {
  return [loadMeta(side === 'in' ? metaKey.deviceIn : metaKey.deviceOut), isEqual(machineUint32(index))]
}

/** Of those whose numbers are in a set. */
export function onDeviceOf(side: 'in' | 'out', set: string): Expression[] {
  const isIn = expression(
    'lookup',
    attribute(at.lookUp.set, text(set)),
    attribute(at.lookUp.register, uint32(register)),
  )
  return [loadMeta(side === 'in' ? metaKey.deviceIn : metaKey.deviceOut), isIn]
}

export function ofFamily(family: number): Expression[] {
  return [loadMeta(metaKey.family), isEqual(Buffer.of(family))]
}

export function ofProtocol(protocol: number): Expression[] {
  return [loadMeta(metaKey.protocol), isEqual(Buffer.of(protocol))]
}

/** Where it belongs to a connection: to whom opened it, or from there. */
export function ofConnection(which: 'original' | 'reply'): Expression[] {
  const load = expression(
    'ct',
    attribute(at.connection.register, uint32(register)),
    attribute(at.connection.key, uint32(connectionKey.direction)),
  )
  return [load, isEqual(Buffer.of(which === 'original' ? 0 : 1))]
}

/** A field of the header of IP, under a mask. */
export function ipField(offset: number, value: Buffer, mask?: Buffer): Expression[] {
  const load = loadPayload(header.network, offset, value.length)
  return mask === undefined ? [load, isEqual(value)] : [load, masked(mask), isEqual(value)]
}

/** A field of the header of TCP, UDP or ICMP, under a mask. */
export function transportField(offset: number, value: Buffer, mask?: Buffer): Expression[] {
  const load = loadPayload(header.transport, offset, value.length)
  return mask === undefined ? [load, isEqual(value)] : [load, masked(mask), isEqual(value)]
}

export function count(counter: string): Expression {
  return expression(
    'objref',
    attribute(at.object.type, uint32(counterObject)),
    attribute(at.object.name, text(counter)),
  )
}

export function reset(): Expression {
  return expression('reject', attribute(at.reject.type, uint32(rejection.reset)))
}

export function unreachable(): Expression {
  return expression(
    'reject',
    attribute(at.reject.type, uint32(rejection.unreachable)),
    attribute(at.reject.code, Buffer.of(rejection.port)),
  )
}

/** To a port of this machine's loopback. */
export function redirectTo(port: number): Expression[] {
  const value = nested(at.immediate.data, attribute(at.data.value, bigUint16(port)))
  return [
    expression('immediate', attribute(at.immediate.register, uint32(register)), value),
    expression('redir', attribute(at.redirect.port, uint32(register))),
  ]
}

/** To whoever listens at a queue (linux/netfilter/nfnetlink_queue.h), and on where nobody does. */
export function queueTo(number: number): Expression {
  return expression(
    'queue',
    attribute(at.queue.number, bigUint16(number)),
    attribute(at.queue.total, bigUint16(1)),
    attribute(at.queue.flags, bigUint16(bypass)),
  )
}

/**
 * The same by the target of iptables, for kernels that have this and not the other (nft_compat): struct xt_NFQ_info_v3
 * of linux/netfilter/xt_NFQUEUE.h, number, how many and NFQ_FLAG_BYPASS, in the order of the machine, padded to 8 bytes.
 */
export function queueByTarget(number: number): Expression {
  const info = Buffer.alloc(8)
  info.set(new Uint8Array(Uint16Array.of(number, 1, bypass).buffer))
  return expression(
    'target',
    attribute(at.target.name, text('NFQUEUE')),
    attribute(at.target.revision, uint32(3)),
    attribute(at.target.info, info),
  )
}

export function bigUint16(value: number): Buffer {
  return Buffer.of(value >> 8, value & 0xff)
}
