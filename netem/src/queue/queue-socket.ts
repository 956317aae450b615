/**
 * A socket at a queue of the kernel's packet filter: packets come in as messages, verdicts go back
 * (linux/netfilter/nfnetlink_queue.h of Linux 6.18). The packets stay in the kernel; what comes is a copy, cut where
 * nothing but headers is wanted. When the socket is closed the kernel drops what still waits for a verdict.
 */
import { NetemError } from '../errors.ts'
import { attribute, padded } from '../netlink/wire.ts'
import { type Message, openNetlink, uint32 } from '../nftables/netlink.ts'
import { addressOf, read, setSocketOption, write } from '../userspace/libc.ts'
import { netlink, socketOption } from '../userspace/linux.ts'

/** NFNL_SUBSYS_QUEUE and NFQNL_MSG_* */
const subsystem = 3
const message = { packet: 0, verdict: 1, configure: 2 } as const
const typeOf = (number: number): number => (subsystem << 8) | number

/** NFQA_CFG_*, NFQA_* */
const at = {
  command: 1,
  parameters: 2,
  lengthMax: 3,
  mask: 4,
  flags: 5,
  packetHead: 1,
  verdictHead: 2,
  payload: 10,
  wholeLength: 13,
} as const

/** NFQNL_CFG_CMD_BIND, NFQNL_COPY_PACKET, NFQA_CFG_F_GSO */
const bind = 1
const copyPacket = 2
const wholeSegments = 0x4

/** NF_DROP, NF_ACCEPT */
const verdict = { drop: 0, accept: 1 } as const

/** Enough for the headers of any packet that a filter looks at. */
const headerBytes = 256
/** No attribute is larger: its length has 16 bits. */
const packetBytesMax = 0xff_ff - netlink.attributeHeadBytes
const messageBytesMax = packetBytesMax + 4096

/** Packets in the queue, held ones included; more are dropped by the kernel. */
const queuePacketsMax = 200_000
/** For copies that wait for this process; some 50 000 of headers (the kernel allows twice the number). */
const receiveBytes = 32 * 2 ** 20

/** struct nlmsghdr, struct nfgenmsg; then the attributes. */
const attributesAt = netlink.headBytes + 4
const verdictBytes = attributesAt + 12
const verdictAt = attributesAt + netlink.attributeHeadBytes

/** Where things lie in the message that came last. */
export type Received = { id: number; begin: number; end: number; wholeLength: number }

export class QueueSocket {
  readonly bytes = Buffer.alloc(messageBytesMax)
  readonly received: Received = { id: 0, begin: 0, end: 0, wholeLength: 0 }
  readonly #number: number
  readonly #socket: ReturnType<typeof openNetlink>
  readonly #bytesAt = addressOf(this.bytes)
  readonly #verdict: Buffer
  readonly #verdictAddress: bigint
  #refused = 0

  /** @throws NetemError `already-shaped` when somebody listens there, `unsupported` or `no-permission` */
  constructor(number: number) {
    this.#number = number
    this.#socket = openNetlink()
    this.#verdict = verdictMessage(number, Buffer.alloc(0))
    this.#verdictAddress = addressOf(this.#verdict)
    try {
      // One by one: the first that is refused tells why.
      this.#configure(attribute(at.command, Buffer.of(bind, 0, 0, 0)))
      this.#configure(attribute(at.lengthMax, uint32(queuePacketsMax)))
      this.#configure(copying(headerBytes), ...segmenting(true))
      enlarge(this.fd)
      // Without it an overflow would also refuse what comes after, until all is read.
      setSocketOption(this.fd, socketOption.levelNetlink, socketOption.noOverflowError, 1)
    } catch (error) {
      this.close()
      throw error
    }
  }

  get fd(): number {
    return this.#socket.fd
  }

  /** Verdicts that the kernel did not take, since the last time: it had dropped the packet already. */
  refusedSince(): number {
    const count = this.#refused
    this.#refused = 0
    return count
  }

  /** Whole packets or their headers; segmented as on the wire or not. It holds for packets that come from now on. */
  deliver(what: { readonly payload: boolean; readonly whole: boolean }): void {
    // Without an acknowledgement, which would have to be found among the packets.
    const body = [copying(what.payload ? packetBytesMax : headerBytes), ...segmenting(what.whole)]
    this.#socket.tell([this.#message(message.configure, body)])
  }

  /** Reads the next packet into `bytes` and tells in `received` where it lies. False when there is none. */
  receive(): boolean {
    for (;;) {
      const length = read(this.fd, this.#bytesAt, messageBytesMax)
      if (length < attributesAt) return false
      const type = this.bytes.readUInt16LE(4)
      if (type === typeOf(message.packet)) {
        this.#find(length)
        return true
      }
      if (type === netlink.error && this.bytes.readInt32LE(netlink.headBytes) !== 0) this.#refused += 1
    }
  }

  accept(id: number): boolean {
    return this.#decide(id, verdict.accept)
  }

  drop(id: number): boolean {
    return this.#decide(id, verdict.drop)
  }

  /** Lets it go on with another content. */
  acceptAs(id: number, packet: Buffer): boolean {
    const changed = verdictMessage(this.#number, attribute(at.payload, packet))
    changed.writeUInt32BE(verdict.accept, verdictAt)
    changed.writeUInt32BE(id, verdictAt + 4)
    return write(this.fd, addressOf(changed), changed.length) === changed.length
  }

  close(): void {
    this.#socket[Symbol.dispose]()
  }

  #decide(id: number, what: number): boolean {
    this.#verdict.writeUInt32BE(what, verdictAt)
    this.#verdict.writeUInt32BE(id, verdictAt + 4)
    return write(this.fd, this.#verdictAddress, verdictBytes) === verdictBytes
  }

  #configure(...body: readonly Buffer[]): void {
    try {
      const wanted = { ...this.#message(message.configure, body), flags: netlink.acknowledge }
      this.#socket.ask([wanted], `listen at queue ${this.#number}`)
    } catch (error) {
      throw error instanceof NetemError ? queueFailure(this.#number, error) : error
    }
  }

  #message(number: number, attributes: readonly Buffer[]): Message {
    return { type: typeOf(number), family: 0, resource: this.#number, attributes }
  }

  /** Without objects: it runs for each packet. */
  #find(length: number): void {
    const { bytes, received } = this
    received.wholeLength = 0
    for (let here = attributesAt; here + netlink.attributeHeadBytes <= length; ) {
      const size = bytes.readUInt16LE(here)
      const value = here + netlink.attributeHeadBytes
      const type = bytes.readUInt16LE(here + 2) & netlink.typeMask
      if (type === at.packetHead) received.id = bytes.readUInt32BE(value)
      else if (type === at.wholeLength) received.wholeLength = bytes.readUInt32BE(value)
      else if (type === at.payload) {
        received.begin = value
        received.end = here + size
      }
      here += Math.max(padded(size), netlink.attributeHeadBytes)
    }
    received.wholeLength ||= received.end - received.begin
  }
}

/** As far as the system lets everybody, where it may not be forced: in a user namespace. */
function enlarge(fd: number): void {
  const { level, receiveBytesForce } = socketOption
  if (setSocketOption(fd, level, receiveBytesForce, receiveBytes) === 0) return
  setSocketOption(fd, level, socketOption.receiveBytes, receiveBytes)
}

function verdictMessage(queue: number, more: Buffer): Buffer {
  const body = Buffer.concat([attribute(at.verdictHead, Buffer.alloc(8)), more])
  const head = Buffer.alloc(attributesAt)
  head.writeUInt32LE(attributesAt + body.length, 0)
  head.writeUInt16LE(typeOf(message.verdict), 4)
  head.writeUInt16LE(netlink.request, 6)
  head.writeUInt16BE(queue, netlink.headBytes + 2)
  return Buffer.concat([head, body])
}

/** struct nfqnl_msg_config_params: how many bytes, and that they are wanted. */
function copying(bytes: number): Buffer {
  return attribute(at.parameters, uint32(bytes), Buffer.of(copyPacket))
}

function segmenting(whole: boolean): Buffer[] {
  return [attribute(at.mask, uint32(wholeSegments)), attribute(at.flags, uint32(whole ? wholeSegments : 0))]
}

/** CAP_NET_ADMIN is there, or the rules would have been refused before. */
function queueFailure(number: number, { code, message: said }: NetemError): NetemError {
  if (code === 'no-permission') {
    const state = `another process listens at queue ${number}; end it first, or give it both impairments`
    return new NetemError('already-shaped', `Cannot shape this device: ${state}`)
  }
  if (code !== 'unsupported') return new NetemError(code, said)
  const advice = 'load the module nfnetlink_queue on the host'
  return new NetemError(code, `Cannot listen at queue ${number}: the kernel has no NFQUEUE; ${advice}`)
}
