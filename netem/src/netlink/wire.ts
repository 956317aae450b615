/**
 * What all netlink sockets speak (netlink(7), linux/netlink.h): messages of a head and a body, bodies that end in
 * attributes. Both are padded to four bytes. How numbers are written in a body is the business of each protocol.
 */
import { netlink } from '../userspace/linux.ts'

/** One attribute: its length, its type, its value. */
export function attribute(type: number, ...values: readonly Buffer[]): Buffer {
  const value = Buffer.concat(values)
  const length = netlink.attributeHeadBytes + value.length
  const bytes = Buffer.alloc(padded(length))
  bytes.writeUInt16LE(length, 0)
  bytes.writeUInt16LE(type, 2)
  value.copy(bytes, netlink.attributeHeadBytes)
  return bytes
}

export function text(value: string): Buffer {
  return Buffer.from(`${value}\0`)
}

/** A request: struct nlmsghdr and the body. */
export function request(type: number, flags: number, body: Buffer, sequence = 0): Buffer {
  const head = Buffer.alloc(netlink.headBytes)
  head.writeUInt32LE(head.length + body.length, 0)
  head.writeUInt16LE(type, 4)
  head.writeUInt16LE(netlink.request | flags, 6)
  head.writeUInt32LE(sequence, 8)
  return Buffer.concat([head, body])
}

/** `error` is that of a message of type error; 0 says that all went well. The body lies in what was read. */
export type Answer = { readonly type: number; readonly error: number; readonly body: Buffer }

/** The messages of one read. */
export function answersIn(bytes: Buffer): Answer[] {
  const answers: Answer[] = []
  for (let at = 0; at + netlink.headBytes <= bytes.length; ) {
    const length = bytes.readUInt32LE(at)
    const type = bytes.readUInt16LE(at + 4)
    const body = bytes.subarray(at + netlink.headBytes, at + length)
    answers.push({ type, error: type === netlink.error ? body.readInt32LE(0) : 0, body })
    at += padded(Math.max(length, netlink.headBytes))
  }
  return answers
}

export function padded(length: number): number {
  return Math.ceil(length / 4) * 4
}
