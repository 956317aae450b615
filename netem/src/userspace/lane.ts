/**
 * One direction of one device at work: packets are taken, the first impairment whose filter matches decides their
 * fate, and they go back at once or when they are due. Packets that no impairment is meant for go on untouched.
 *
 * The order for one packet is that of netem: a duplicate is dealt with before its original is scheduled.
 */
import { DueHeap } from '../model/due-heap.ts'
import { PacketModel } from '../model/packet-model.ts'
import { flipAnyBit, flipPayloadBit } from '../packet/corrupt.ts'
import { Frame } from '../packet/frame.ts'
import { type PacketMatcher, packetMatcher } from '../packet/packet-matcher.ts'
import type { SettledImpairment } from '../spec/settled-impairment.ts'
import { type Capture, noSlot } from './capture.ts'
import { type Counters, lateBoundMs } from './counters.ts'
import type { Slot } from './frame-pool.ts'
import { beatEveryMs } from './heartbeat.ts'

/** Packets taken in one go, so that those that are due meanwhile need not wait for a flood. */
const packetsPerTurn = 64

/** Memory of held packets; beyond it they are dropped as over the limit. */
const heldBytesMax = 256 * 2 ** 20

/** Packets that still wait to be taken at the end: no way lets more wait. */
const packetsAtEndMax = 200_000

/** One impairment at work. */
type Band = {
  readonly matches: PacketMatcher
  readonly model: PacketModel
  readonly repairsChecksum: boolean
  held: number
}

export class Lane {
  readonly direction: 'in' | 'out'
  readonly #capture: Capture
  readonly #counters: Counters
  readonly #heap = new DueHeap()
  readonly #frame = new Frame()
  #bands: readonly Band[] = []
  /** Whose packet a slot holds. */
  readonly #bandOf: Band[] = []
  #lastBeatMs = performance.now()
  /** How long this thread was not there before this turn: packets have waited for it. */
  #stalledMs = 0

  constructor(direction: 'in' | 'out', capture: Capture, counters: Counters) {
    this.direction = direction
    this.#capture = capture
    this.#counters = counters
  }

  get fd(): number {
    return this.#capture.fd
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
    this.#capture.prepare(impairments)
  }

  /** Called each turn: tells the rules that this thread is there, and the counters where it was not. */
  beat(nowMs: number): void {
    const sinceMs = nowMs - this.#lastBeatMs
    if (sinceMs < beatEveryMs) return
    this.#capture.beat(this.#counters)
    this.#lastBeatMs = nowMs
    // A sleep is no longer than the time between beats.
    this.#stalledMs = sinceMs - 2 * beatEveryMs
  }

  /** Takes what has arrived. */
  takeIn(): void {
    const stalledMs = this.#stalledMs
    this.#stalledMs = 0
    for (let count = 0; count < packetsPerTurn; count++) {
      const slot = this.#capture.take()
      if (slot === noSlot) return
      if (stalledMs > lateBoundMs) this.#countLate(stalledMs)
      this.#judge(slot, performance.now())
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
    this.#capture.unhook()
    while (this.#heap.size > 0) this.#releaseFirst()
    for (let count = 0; count < packetsAtEndMax; count++) {
      const slot = this.#capture.take()
      if (slot === noSlot) break
      this.#send(slot)
    }
    this.#capture.tally(this.#counters)
  }

  /** After `heal`, and when nobody waits any more: it takes its time. */
  close(): void {
    this.#capture.close()
  }

  #countLate(lateMs: number): void {
    this.#counters.raiseTo('lateMaxUs', Math.round(lateMs * 1000))
    if (lateMs > lateBoundMs) this.#counters.add('lateOverBound')
  }

  #judge(slot: Slot, nowMs: number): void {
    const bytes = this.#capture.bytesOf(slot)
    this.#capture.read(slot, this.#frame)
    for (const band of this.#bands) {
      if (!band.matches(bytes, this.#frame)) continue
      this.#counters.add('seen')
      this.#counters.add('bytesSeen', this.#capture.lengthOf(slot))
      this.#enqueue(band, slot, nowMs, false)
      return
    }
    this.#counters.add('passed')
    this.#send(slot)
  }

  /** netem_enqueue. A duplicate comes out of the slot of its original, so that the original has to stay as it is. */
  #enqueue(band: Band, slot: Slot, nowMs: number, isDuplicate: boolean): void {
    const { model } = band
    const arrival = model.arrive(band.held, isDuplicate)
    const { isDuplicated, isCorrupted } = model
    const isLost = arrival === 'lost'
    if (isLost || arrival === 'over-limit' || this.#capture.heldBytes > heldBytesMax) {
      this.#counters.add(isLost ? 'lost' : 'overLimit')
      if (!isDuplicate) this.#capture.drop(slot)
      return
    }
    if (isDuplicated) {
      this.#counters.add('duplicated')
      this.#enqueue(band, slot, nowMs, true)
    }
    const dueMs = model.schedule(this.#capture.lengthOf(slot), nowMs)
    if (model.isReordered) this.#counters.add('reordered')
    const kept = isCorrupted || dueMs > nowMs ? this.#capture.keep(slot, isCorrupted) : slot
    if (isCorrupted) this.#corrupt(band, kept)
    if (dueMs > nowMs) this.#hold(band, kept, dueMs)
    else this.#send(kept)
  }

  #corrupt({ model, repairsChecksum }: Band, slot: Slot): void {
    const packet = this.#capture.open(slot)
    if (packet === undefined) return
    const { bytes, begin, end } = packet
    const isDone = repairsChecksum
      ? flipPayloadBit(bytes, this.#frame, model.positions)
      : flipAnyBit(bytes, begin, end, model.positions)
    if (isDone) this.#counters.add('corrupted')
  }

  #hold(band: Band, slot: Slot, dueMs: number): void {
    band.held += 1
    this.#bandOf[slot] = band
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
    this.#send(slot)
  }

  #send(slot: Slot): void {
    this.#counters.add(this.#capture.send(slot) ? 'delivered' : 'failed')
  }
}
