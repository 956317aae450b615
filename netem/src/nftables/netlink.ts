/**
 * Messages to the kernel's packet filter over a netlink socket: a head, then attributes, each of which has a length, a
 * type and a value, padded to four bytes (netlink(7); linux/netlink.h, linux/netfilter/nfnetlink.h of Linux 6.18).
 * The kernel has answered completely when `write` returns, so answers are read until there are no more.
 */
import { NetemError } from '../errors.ts'
import { addressOf, close, errorName, lastError, must, read, socket, write } from '../userspace/libc.ts'
import { netlink, socketKind } from '../userspace/linux.ts'

/** struct nlmsghdr, then struct nfgenmsg. */
const headBytes = 16
const familyHeadBytes = 4

/** More than any answer: the kernel cuts its dumps into pieces of 32 KiB at most. */
const answerBytes = 65_536

export type Message = {
  readonly type: number
  /** Besides "this is a request". */
  readonly flags?: number
  readonly family: number
  readonly resource?: number
  readonly attributes?: readonly Buffer[]
}

export type Answer = { readonly type: number; readonly attributes: Buffer }

export function attribute(type: number, ...values: readonly Buffer[]): Buffer {
  const value = Buffer.concat(values)
  const bytes = Buffer.alloc(padded(4 + value.length))
  bytes.writeUInt16LE(4 + value.length, 0)
  bytes.writeUInt16LE(type, 2)
  value.copy(bytes, 4)
  return bytes
}

export function nested(type: number, ...attributes: readonly Buffer[]): Buffer {
  return attribute(type | netlink.nested, ...attributes)
}

/** Numbers of the packet filter are in network order. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value | 0)
  return bytes
}

export function text(value: string): Buffer {
  return Buffer.from(`${value}\0`)
}

/** Type of an attribute → its value. */
export function readAttributes(bytes: Buffer): ReadonlyMap<number, Buffer> {
  const found = new Map<number, Buffer>()
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt16LE(at)
    if (length < 4) break
    found.set(bytes.readUInt16LE(at + 2) & netlink.typeMask, bytes.subarray(at + 4, at + length))
    at += padded(length)
  }
  return found
}

export type NetlinkSocket = Disposable & {
  /** Sends them at once. @throws NetemError as the kernel refused. @param doing completes "Cannot ..." */
  ask(messages: readonly Message[], doing: string): Answer[]
}

/** Rules that belong to this socket go with it. @throws NetemError */
export function openNetlink(): NetlinkSocket {
  const { family, raw, netfilter, nonBlock } = netlink
  const kind = raw | socketKind.closeOnExec | nonBlock
  const fd = must(socket(family, kind, netfilter), 'open a netlink socket')
  const answer = Buffer.alloc(answerBytes)
  return {
    ask: (messages, doing) => {
      const request = Buffer.concat(messages.map(encode))
      must(write(fd, addressOf(request), request.length), doing)
      const answers: Answer[] = []
      for (;;) {
        const length = read(fd, addressOf(answer), answer.length)
        if (length < 0 && lastError() === 'EAGAIN') return answers
        must(length, doing)
        answers.push(...decode(answer.subarray(0, length), doing))
      }
    },
    [Symbol.dispose]: () => void close(fd),
  }
}

function encode(
  { type, flags = 0, family, resource = 0, attributes = [] }: Message,
  sequence: number,
): Buffer {
  const body = Buffer.concat(attributes)
  const head = Buffer.alloc(headBytes + familyHeadBytes)
  head.writeUInt32LE(head.length + body.length, 0)
  head.writeUInt16LE(type, 4)
  head.writeUInt16LE(netlink.request | flags, 6)
  head.writeUInt32LE(sequence, 8)
  head.writeUInt8(family, headBytes)
  head.writeUInt16BE(resource, headBytes + 2)
  return Buffer.concat([head, body])
}

/** @throws NetemError for the first message that says that something failed */
function decode(bytes: Buffer, doing: string): Answer[] {
  const answers: Answer[] = []
  for (let at = 0; at + headBytes <= bytes.length; ) {
    const length = bytes.readUInt32LE(at)
    const type = bytes.readUInt16LE(at + 4)
    if (type === netlink.error) {
      const code = bytes.readInt32LE(at + headBytes)
      if (code !== 0) throw refusal(doing, errorName(-code))
    } else if (type !== netlink.done) {
      // A copy: the memory is used again for the next answer.
      const attributes = Buffer.from(bytes.subarray(at + headBytes + familyHeadBytes, at + length))
      answers.push({ type, attributes })
    }
    at += padded(Math.max(length, headBytes))
  }
  return answers
}

function refusal(doing: string, reason: string): NetemError {
  if (reason === 'EPERM') {
    const advice = 'the process needs CAP_NET_ADMIN (docker: --cap-add NET_ADMIN)'
    return new NetemError('no-permission', `Cannot ${doing}: the kernel says EPERM; ${advice}`)
  }
  if (unsupportedReasons.has(reason)) {
    const advice = 'this takes Linux 5.12 or newer with nf_tables, its module loaded'
    return new NetemError('unsupported', `Cannot ${doing}: the kernel says ${reason}; ${advice}`)
  }
  return new NetemError('system-call', `Cannot ${doing}: the kernel says ${reason}`)
}

/** A family, an expression or a flag that the kernel does not know. */
const unsupportedReasons: ReadonlySet<string> = new Set([
  'EOPNOTSUPP',
  'ENOENT',
  'EAFNOSUPPORT',
  'EPROTONOSUPPORT',
  'EINVAL',
])

function padded(length: number): number {
  return Math.ceil(length / 4) * 4
}
