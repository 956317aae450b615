/**
 * Packets by a detour: frames come out of a TAP and are written back into it. What is kept is a copy, so a duplicate is
 * one more. Frames have the virtio header of the TAP before them.
 */
import type { Frame } from '../packet/frame.ts'
import { onlyDelays, type SettledImpairment } from '../spec/settled-impairment.ts'
import { type Capture, noSlot, type PacketBytes } from './capture.ts'
import type { Counters } from './counters.ts'
import type { Detour } from './detour.ts'
import { FramePool, frameBytesMax, type Slot } from './frame-pool.ts'
import { read, write } from './libc.ts'
import { tun } from './linux.ts'
import { passWholeFrames } from './tap.ts'

export class TapCapture implements Capture {
  readonly #detour: Detour
  readonly #pool = new FramePool()
  /** Where the next frame is read into. */
  readonly #incoming: Slot = this.#pool.take(frameBytesMax)
  readonly #bytesIn: number[] = []
  #slipped = 0

  constructor(detour: Detour) {
    this.#detour = detour
  }

  get fd(): number {
    return this.#detour.tap.fd
  }

  get heldBytes(): number {
    return this.#pool.heldBytes
  }

  take(): Slot {
    const length = read(this.fd, this.#pool.pointerOf(this.#incoming), frameBytesMax)
    if (length <= tun.vnetHeaderBytes) return noSlot
    this.#bytesIn[this.#incoming] = length
    return this.#incoming
  }

  read(slot: Slot, frame: Frame): void {
    frame.read(this.bytesOf(slot), tun.vnetHeaderBytes, this.#end(slot))
  }

  bytesOf(slot: Slot): Buffer {
    return this.#pool.bytesOf(slot)
  }

  lengthOf(slot: Slot): number {
    return this.#end(slot) - tun.vnetHeaderBytes
  }

  keep(slot: Slot): Slot {
    const length = this.#end(slot)
    const copy = this.#pool.take(length)
    this.#pool.bytesOf(slot).copy(this.#pool.bytesOf(copy), 0, 0, length)
    this.#bytesIn[copy] = length
    return copy
  }

  open(slot: Slot): PacketBytes {
    return { bytes: this.bytesOf(slot), begin: tun.vnetHeaderBytes, end: this.#end(slot) }
  }

  send(slot: Slot): boolean {
    const length = this.#end(slot)
    const isSent = write(this.fd, this.#pool.pointerOf(slot), length) === length
    this.drop(slot)
    return isSent
  }

  drop(slot: Slot): void {
    if (slot !== this.#incoming) this.#pool.give(slot)
  }

  prepare(impairments: readonly SettledImpairment[]): void {
    passWholeFrames(this.#detour.tap, impairments.every(onlyDelays))
  }

  beat(counters: Counters): void {
    this.#detour.heartbeat.beat()
    this.tally(counters)
  }

  tally(counters: Counters): void {
    const { slipped } = this.#detour.heartbeat
    counters.add('slipped', slipped - this.#slipped)
    this.#slipped = slipped
  }

  unhook(): void {
    this.#detour.unhook()
  }

  /** The kernel takes some 50 ms to take a TAP away, so this comes when nobody waits any more. */
  close(): void {
    this.#detour.close()
  }

  #end(slot: Slot): number {
    return this.#bytesIn[slot] ?? 0
  }
}
