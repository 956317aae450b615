/** Requests to the kernel's routing socket, netlink(7): one message, and its answer awaited. */
import { addressOf, close, errorName, must, read, socket, write } from './libc.ts'
import { netlink, socketKind } from './linux.ts'

/** More than any answer that is read here. */
const answerBytes = 32_768

/** Sends one request. Nothing when the kernel did it, else the name of its error: "EEXIST". */
export function askNetlink(type: number, flags: number, body: Buffer): string | undefined {
  return withSocket((fd) => {
    send(fd, type, flags | netlink.acknowledge, body)
    for (const answer of receive(fd)) {
      if (answer.type === netlink.error && answer.error !== 0) return errorName(-answer.error)
    }
    return undefined
  })
}

/** How many objects the kernel lists for a request. */
export function countByNetlink(type: number, body: Buffer): number {
  return withSocket((fd) => {
    send(fd, type, netlink.dump, body)
    let count = 0
    for (;;) {
      for (const answer of receive(fd)) {
        if (answer.type === netlink.done || answer.type === netlink.error) return count
        count += 1
      }
    }
  })
}

/** An attribute: its length, its type, its content, padded to 4 bytes. */
export function attribute(type: number, content: Buffer): Buffer {
  const length = netlink.attributeHeadBytes + content.length
  const bytes = Buffer.alloc(Math.ceil(length / 4) * 4)
  bytes.writeUInt16LE(length, 0)
  bytes.writeUInt16LE(type, 2)
  content.copy(bytes, netlink.attributeHeadBytes)
  return bytes
}

export function numberAttribute(type: number, value: number): Buffer {
  const content = Buffer.alloc(4)
  content.writeUInt32LE(value)
  return attribute(type, content)
}

export function textAttribute(type: number, text: string): Buffer {
  return attribute(type, Buffer.from(`${text}\0`))
}

function withSocket<T>(work: (fd: number) => T): T {
  const kind = netlink.raw | socketKind.closeOnExec
  const fd = must(socket(netlink.family, kind, netlink.route), 'open a netlink socket')
  try {
    return work(fd)
  } finally {
    close(fd)
  }
}

function send(fd: number, type: number, flags: number, body: Buffer): void {
  const head = Buffer.alloc(netlink.headBytes)
  head.writeUInt32LE(head.length + body.length, 0)
  head.writeUInt16LE(type, 4)
  head.writeUInt16LE(netlink.request | flags, 6)
  const message = Buffer.concat([head, body])
  must(write(fd, addressOf(message), message.length), 'send over netlink')
}

/** `error` is that of a message of type error; 0 says that all went well. */
type Answer = { readonly type: number; readonly error: number }

function receive(fd: number): Answer[] {
  const memory = Buffer.alloc(answerBytes)
  const length = must(read(fd, addressOf(memory), memory.length), 'receive over netlink')
  const answers: Answer[] = []
  for (let at = 0; at + netlink.headBytes <= length; ) {
    const type = memory.readUInt16LE(at + 4)
    const error = type === netlink.error ? memory.readInt32LE(at + netlink.headBytes) : 0
    answers.push({ type, error })
    at += Math.max(netlink.headBytes, Math.ceil(memory.readUInt32LE(at) / 4) * 4)
  }
  return answers
}
