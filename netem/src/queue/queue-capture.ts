/**
 * Packets that wait in a queue of the kernel's packet filter for a verdict. Here are their numbers only, and the bytes
 * of those that were changed. They are packets of IP: there is no Ethernet header, and no ARP.
 */
import type { Frame } from '../packet/frame.ts'
import { onlyDelays, type SettledImpairment } from '../spec/settled-impairment.ts'
import { type Capture, noSlot, type PacketBytes } from '../userspace/capture.ts'
import type { Counters } from '../userspace/counters.ts'
import type { Slot } from '../userspace/frame-pool.ts'
import { droppedByKernel } from './queue-list.ts'
import { QueueSocket } from './queue-socket.ts'
import type { QueueTable } from './queue-table.ts'

/** What netem measures and the queue does not show. */
const etherHeaderBytes = 14

/** How often the rules are told that this process lives; a third of how long they believe it. */
const renewEveryMs = 250

export type QueueOptions = {
  readonly table: QueueTable
  readonly direction: 'in' | 'out'
  readonly queue: number
  /** Closed after the socket. */
  readonly onClose: () => void
}

export class QueueCapture implements Capture {
  readonly #options: QueueOptions
  readonly #socket: QueueSocket
  /** By slot: the kernel's number of the packet, its length, and its bytes where they were changed. */
  readonly #idOf: number[] = []
  readonly #lengthOf: number[] = []
  readonly #changed: (PacketBytes | undefined)[] = []
  readonly #free: Slot[] = []
  #heldBytes = 0
  #renewedMs = performance.now()
  /** The table may be older than this, and have counted for another. */
  #counted = { slipped: 0, dropped: 0 }

  /** @throws NetemError; traffic is untouched then */
  constructor(options: QueueOptions) {
    this.#options = options
    this.#socket = new QueueSocket(options.queue)
    try {
      this.#counted.slipped = options.table.slipped(options.direction)
      options.table.hook(options.direction, options.queue)
    } catch (error) {
      this.#socket.close()
      throw error
    }
  }

  get fd(): number {
    return this.#socket.fd
  }

  get heldBytes(): number {
    return this.#heldBytes
  }

  take(): Slot {
    if (!this.#socket.receive()) return noSlot
    const { id, wholeLength } = this.#socket.received
    const slot = this.#free.pop() ?? this.#idOf.length
    this.#idOf[slot] = id
    this.#lengthOf[slot] = wholeLength
    this.#changed[slot] = undefined
    this.#heldBytes += wholeLength
    return slot
  }

  read(_slot: Slot, frame: Frame): void {
    const { begin, end } = this.#socket.received
    frame.readPacket(this.#socket.bytes, begin, end)
  }

  bytesOf(): Buffer {
    return this.#socket.bytes
  }

  lengthOf(slot: Slot): number {
    return (this.#lengthOf[slot] ?? 0) + etherHeaderBytes
  }

  keep(slot: Slot, toChange: boolean): Slot {
    const { begin, end, wholeLength } = this.#socket.received
    // Of one that came before the change of the impairment only the headers are there.
    if (!toChange || end - begin < wholeLength) return slot
    this.#changed[slot] = { bytes: Buffer.from(this.#socket.bytes.subarray(0, end)), begin, end }
    return slot
  }

  open(slot: Slot): PacketBytes | undefined {
    return this.#changed[slot]
  }

  send(slot: Slot): boolean {
    const id = this.#idOf[slot] ?? 0
    const changed = this.#changed[slot]
    this.#release(slot)
    if (changed === undefined) return this.#socket.accept(id)
    return this.#socket.acceptAs(id, changed.bytes.subarray(changed.begin, changed.end))
  }

  drop(slot: Slot): void {
    const id = this.#idOf[slot] ?? 0
    this.#release(slot)
    this.#socket.drop(id)
  }

  prepare(impairments: readonly SettledImpairment[]): void {
    const payload = impairments.some(({ corrupt }) => corrupt !== undefined)
    this.#socket.deliver({ whole: impairments.every(onlyDelays), payload })
  }

  beat(counters: Counters): void {
    const nowMs = performance.now()
    if (nowMs - this.#renewedMs < renewEveryMs) return
    this.#renewedMs = nowMs
    this.#options.table.renew(this.#options.direction)
    this.tally(counters)
  }

  tally(counters: Counters): void {
    const { table, direction, queue } = this.#options
    const [slipped, dropped] = [table.slipped(direction), droppedByKernel(queue)]
    counters.add('slipped', slipped - this.#counted.slipped)
    counters.add('overLimit', dropped - this.#counted.dropped)
    this.#counted = { slipped, dropped }
    const refused = this.#socket.refusedSince()
    counters.add('failed', refused)
    counters.add('delivered', -refused)
  }

  unhook(): void {
    this.#options.table.unhook(this.#options.direction)
  }

  close(): void {
    // A packet may have been on its way into the queue when the rule went.
    for (let slot = this.take(); slot !== noSlot; slot = this.take()) this.send(slot)
    this.#socket.close()
    this.#options.onClose()
  }

  #release(slot: Slot): void {
    this.#heldBytes -= this.#lengthOf[slot] ?? 0
    this.#changed[slot] = undefined
    this.#free.push(slot)
  }
}
