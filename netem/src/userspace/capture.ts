/**
 * How the packets of one direction are got at: taken from the device, looked at, and handed back. A packet is known by
 * its slot from `take` until `send` or `drop`; one that is not kept is forgotten at the next `take`.
 */
import type { Frame } from '../packet/frame.ts'
import type { SettledImpairment } from '../spec/settled-impairment.ts'
import type { Counters } from './counters.ts'
import type { Slot } from './frame-pool.ts'

/** What `take` gives when no packet waits. */
export const noSlot = -1

/** A packet as bytes that may be changed. */
export type PacketBytes = { readonly bytes: Buffer; readonly begin: number; readonly end: number }

export type Capture = {
  /** Readable when packets wait. */
  readonly fd: number
  /** Memory of the packets that are kept. */
  readonly heldBytes: number
  take(): Slot
  /** Tells the frame what is in the packet that was just taken; its offsets are those of `bytesOf` and `open`. */
  read(slot: Slot, frame: Frame): void
  bytesOf(slot: Slot): Buffer
  /** As netem measures: with the header of Ethernet. */
  lengthOf(slot: Slot): number
  /** One that stays while others are taken. @param toChange it is to be opened too */
  keep(slot: Slot, toChange: boolean): Slot
  /** Of a packet that is kept to be changed; what is changed there is handed back. Nothing when it cannot be. */
  open(slot: Slot): PacketBytes | undefined
  /** Hands it back. False when that failed. */
  send(slot: Slot): boolean
  drop(slot: Slot): void
  /**
   * For what is to be done to packets from now on: with nothing but delays, large ones pass in one piece, as inside
   * the kernel; else they are cut first, so that each fate strikes one packet.
   */
  prepare(impairments: readonly SettledImpairment[]): void
  /** A sign of life for whatever would let packets pass without one; and `tally`, not each time. */
  beat(counters: Counters): void
  /** Counts what became of packets outside of this thread. */
  tally(counters: Counters): void
  /** No more packets are taken away; those that were can still be taken and handed back. */
  unhook(): void
  /** Ends it. What was not handed back is lost. */
  close(): void
}

/** The captures of one device; at most one per direction at a time. */
export type Captures = {
  /** @throws NetemError; traffic is untouched then */
  open(direction: 'in' | 'out'): Capture
}
