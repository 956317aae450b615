/**
 * Messages to the kernel's packet filter over a netlink socket (linux/netfilter/nfnetlink.h of Linux 6.18).
 * The kernel has answered completely when `write` returns, so answers are read until there are no more.
 */
import { NetemError } from '../errors.ts'
import { answersIn, attribute, padded, request } from '../netlink/wire.ts'
import { addressOf, close, errorName, lastError, must, read, socket, write } from '../userspace/libc.ts'
import { netlink, socketKind } from '../userspace/linux.ts'

/** struct nfgenmsg, before the attributes of a message. */
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

export function nested(type: number, ...attributes: readonly Buffer[]): Buffer {
  return attribute(type | netlink.nested, ...attributes)
}

/** Numbers of the packet filter are in network order. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value | 0)
  return bytes
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
  readonly fd: number
  /** Sends them at once. @throws NetemError as the kernel refused. @param doing completes "Cannot ..." */
  ask(messages: readonly Message[], doing: string): Answer[]
  /** Without waiting for an answer. */
  tell(messages: readonly Message[]): void
}

/** Rules that belong to this socket go with it. @throws NetemError */
export function openNetlink(): NetlinkSocket {
  const { family, raw, netfilter, nonBlock } = netlink
  const kind = raw | socketKind.closeOnExec | nonBlock
  const fd = must(socket(family, kind, netfilter), 'open a netlink socket')
  const answer = Buffer.alloc(answerBytes)
  return {
    fd,
    tell: (messages) => {
      const sent = Buffer.concat(messages.map(encode))
      must(write(fd, addressOf(sent), sent.length), 'send over netlink')
    },
    ask: (messages, doing) => {
      const sent = Buffer.concat(messages.map(encode))
      must(write(fd, addressOf(sent), sent.length), doing)
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
  const head = Buffer.alloc(familyHeadBytes)
  head.writeUInt8(family, 0)
  head.writeUInt16BE(resource, 2)
  return request(type, flags, Buffer.concat([head, ...attributes]), sequence)
}

/** @throws NetemError for the first message that says that something failed */
function decode(bytes: Buffer, doing: string): Answer[] {
  return answersIn(bytes).flatMap(({ type, error, body }) => {
    if (error !== 0) throw refusal(doing, errorName(-error))
    if (type === netlink.error || type === netlink.done) return []
    // A copy: the memory is used again for the next answer.
    return [{ type, attributes: Buffer.from(body.subarray(familyHeadBytes)) }]
  })
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
