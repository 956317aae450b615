/**
 * One direction of one device at work: frames come out of the TAP, the first impairment whose filter matches decides
 * their fate, and they go back at once or when they are due. Packets that no impairment is meant for go on untouched.
 *
 * The order for one packet is that of netem: a duplicate is dealt with before its original is scheduled.
 */
import { DueHeap } from '../model/due-heap.ts'
import { PacketModel } from '../model/packet-model.ts'
import { flipAnyBit, flipPayloadBit } from '../packet/corrupt.ts'
import { Frame } from '../packet/frame.ts'
import { type PacketMatcher, packetMatcher } from '../packet/packet-matcher.ts'
import type { SettledImpairment } from '../spec/settled-impairment.ts'
import { type Counters, lateBoundMs } from './counters.ts'
import { type AttachWay, type Detour, openDetour } from './detour.ts'
import { FramePool, frameBytesMax, type Slot } from './frame-pool.ts'
import { beatEveryMs } from './heartbeat.ts'
import { read, write } from './libc.ts'
import { tun } from './linux.ts'
import { passWholeFrames } from './tap.ts'

/** Frames taken in one go, so that those that are due meanwhile need not wait for a flood. */
const framesPerTurn = 64

/** Memory of held frames; beyond it packets are dropped as over the limit. */
const heldBytesMax = 256 * 2 ** 20

/** Frames still in the TAP at the end: its queue is no longer than this. */
const framesAtEndMax = 20_000

/** One impairment at work. */
type Band = {
  readonly matches: PacketMatcher
  readonly model: PacketModel
  readonly repairsChecksum: boolean
  held: number
}

export class Lane {
  readonly direction: 'in' | 'out'
  readonly #detour: Detour
  readonly #counters: Counters
  readonly #pool = new FramePool()
  readonly #heap = new DueHeap()
  readonly #frame = new Frame()
  #bands: readonly Band[] = []
  /** Whose packet a slot holds, its length and when it is due. */
  readonly #bandOf: Band[] = []
  readonly #lengthOf: number[] = []
  /** Where the next frame is read into. */
  #incoming: Slot
  #lastBeatMs = performance.now()
  #slipped = 0
  /** How long this thread was not there before this turn: frames have waited for it. */
  #stalledMs = 0

  /** @throws NetemError; traffic is untouched then */
  constructor(device: string, direction: 'in' | 'out', counters: Counters, way?: AttachWay) {
    this.direction = direction
    this.#counters = counters
    this.#incoming = this.#pool.take(frameBytesMax)
    this.#detour = openDetour(device, direction, way)
  }

  get fd(): number {
    return this.#detour.tap.fd
  }

  get held(): number {
    return this.#heap.size
  }

  get firstDueMs(): number {
    return this.#heap.firstDueMs
  }

  /** Packets that are held already keep the time they were given. */
  apply(impairments: readonly SettledImpairment[]): void {
    this.#bands = impairments.flatMap((impairment, index) => {
      const { direction = 'both', filter, corrupt, seed } = impairment
      if (direction !== 'both' && direction !== this.direction) return []
      return {
        matches: packetMatcher(filter, this.direction),
        model: new PacketModel(impairment, seed, `${index}/${this.direction}`),
        repairsChecksum: corrupt?.checksum === 'fix',
        held: 0,
      }
    })
    passWholeFrames(this.#detour.tap, impairments.every(onlyDelays))
  }

  /** Called each turn: tells the programs that this thread is there, and the counters where it was not. */
  beat(nowMs: number): void {
    const sinceMs = nowMs - this.#lastBeatMs
    if (sinceMs < beatEveryMs) return
    this.#detour.heartbeat.beat()
    this.#lastBeatMs = nowMs
    // A sleep is no longer than the time between beats.
    this.#stalledMs = sinceMs - 2 * beatEveryMs
    const { slipped } = this.#detour.heartbeat
    this.#counters.add('slipped', slipped - this.#slipped)
    this.#slipped = slipped
  }

  /** Takes what has arrived. */
  takeIn(): void {
    const stalledMs = this.#stalledMs
    this.#stalledMs = 0
    for (let count = 0; count < framesPerTurn; count++) {
      const length = read(this.fd, this.#pool.pointerOf(this.#incoming), frameBytesMax)
      if (length <= tun.vnetHeaderBytes) return
      if (stalledMs > lateBoundMs) this.#countLate(stalledMs)
      this.#judge(length, performance.now())
    }
  }

  /** Hands back what is due. */
  release(nowMs: number): void {
    while (this.#heap.firstDueMs <= nowMs) {
      this.#countLate(nowMs - this.#heap.firstDueMs)
      this.#releaseFirst()
    }
  }

  /** The network is normal again: no more packets are taken away, and all that were are handed back. */
  heal(): void {
    this.#detour.unhook()
    while (this.#heap.size > 0) this.#releaseFirst()
    for (let count = 0; count < framesAtEndMax; count++) {
      const length = read(this.fd, this.#pool.pointerOf(this.#incoming), frameBytesMax)
      if (length <= 0) break
      this.#send(this.#incoming, length)
    }
  }

  /** After `heal`. The kernel takes some 50 ms to take a TAP away, so this comes when nobody waits any more. */
  close(): void {
    this.#detour.close()
  }

  #countLate(lateMs: number): void {
    this.#counters.raiseTo('lateMaxUs', Math.round(lateMs * 1000))
    if (lateMs > lateBoundMs) this.#counters.add('lateOverBound')
  }

  #judge(length: number, nowMs: number): void {
    const bytes = this.#pool.bytesOf(this.#incoming)
    this.#frame.read(bytes, tun.vnetHeaderBytes, length)
    for (const band of this.#bands) {
      if (!band.matches(bytes, this.#frame)) continue
      this.#counters.add('seen')
      this.#counters.add('bytesSeen', length - tun.vnetHeaderBytes)
      this.#enqueue(band, this.#incoming, length, nowMs, false)
      return
    }
    this.#counters.add('passed')
    this.#send(this.#incoming, length)
  }

  /** netem_enqueue. The frame in `slot` stays as it is; what is kept of it is a copy. */
  #enqueue(band: Band, slot: Slot, length: number, nowMs: number, isDuplicate: boolean): void {
    const { model } = band
    const arrival = model.arrive(band.held, isDuplicate)
    const { isDuplicated, isCorrupted } = model
    if (arrival === 'lost') {
      this.#counters.add('lost')
      return
    }
    if (arrival === 'over-limit' || this.#pool.heldBytes > heldBytesMax) {
      this.#counters.add('overLimit')
      return
    }
    if (isDuplicated) {
      this.#counters.add('duplicated')
      this.#enqueue(band, slot, length, nowMs, true)
    }
    const dueMs = model.schedule(length - tun.vnetHeaderBytes, nowMs)
    if (model.isReordered) this.#counters.add('reordered')
    const kept = isCorrupted || dueMs > nowMs ? this.#copy(slot, length) : slot
    if (isCorrupted) this.#corrupt(band, kept, length)
    if (dueMs > nowMs) this.#hold(band, kept, length, dueMs)
    else {
      this.#send(kept, length)
      if (kept !== slot) this.#pool.give(kept)
    }
  }

  #copy(slot: Slot, length: number): Slot {
    const copy = this.#pool.take(length)
    this.#pool.bytesOf(slot).copy(this.#pool.bytesOf(copy), 0, 0, length)
    return copy
  }

  #corrupt(band: Band, slot: Slot, length: number): void {
    const bytes = this.#pool.bytesOf(slot)
    const isDone = band.repairsChecksum
      ? flipPayloadBit(bytes, this.#frame, band.model.positions)
      : flipAnyBit(bytes, tun.vnetHeaderBytes, length, band.model.positions)
    if (isDone) this.#counters.add('corrupted')
  }

  #hold(band: Band, slot: Slot, length: number, dueMs: number): void {
    band.held += 1
    this.#bandOf[slot] = band
    this.#lengthOf[slot] = length
    this.#heap.push(dueMs, slot)
    this.#counters.add('delayed')
    this.#counters.add('held')
    this.#counters.raiseTo('heldMax', this.#heap.size)
  }

  #releaseFirst(): void {
    const slot = this.#heap.pop()
    const band = this.#bandOf[slot]
    if (band) band.held -= 1
    this.#counters.add('held', -1)
    this.#send(slot, this.#lengthOf[slot] ?? 0)
    this.#pool.give(slot)
  }

  #send(slot: Slot, length: number): void {
    const isSent = write(this.fd, this.#pool.pointerOf(slot), length) === length
    this.#counters.add(isSent ? 'delivered' : 'failed')
  }
}

/** Nothing in it that should strike single packets. */
function onlyDelays(impairment: SettledImpairment): boolean {
  const { loss, duplicate, corrupt, reorder, rate } = impairment
  return [loss, duplicate, corrupt, reorder, rate].every((effect) => effect === undefined)
}
