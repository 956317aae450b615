/** Requests to the kernel's routing socket, netlink(7): one message, and its answer awaited. */
import { type Answer, answersIn, attribute, request, text } from '../netlink/wire.ts'
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

export function numberAttribute(type: number, value: number): Buffer {
  const content = Buffer.alloc(4)
  content.writeUInt32LE(value)
  return attribute(type, content)
}

export function textAttribute(type: number, value: string): Buffer {
  return attribute(type, text(value))
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
  const message = request(type, flags, body)
  must(write(fd, addressOf(message), message.length), 'send over netlink')
}

function receive(fd: number): Answer[] {
  const memory = Buffer.alloc(answerBytes)
  const length = must(read(fd, addressOf(memory), memory.length), 'receive over netlink')
  return answersIn(memory.subarray(0, length))
}
