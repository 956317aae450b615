/**
 * Memory for held frames, in four sizes, so that 1000 small packets do not take 64 KiB each. It grows in chunks and
 * keeps what it has; in steady state nothing is allocated.
 */
import { addressOf, type Pointer } from './libc.ts'

/** Bytes per slot and slots per chunk. The last holds the largest frame a TAP gives, header included. */
const sizes = [
  { slotBytes: 2048, perChunk: 512 },
  { slotBytes: 9216, perChunk: 64 },
  { slotBytes: 24_576, perChunk: 32 },
  { slotBytes: 67_584, perChunk: 8 },
] as const

/** Bytes of the largest slot. */
export const frameBytesMax = 67_584

/** Number of a slot; its size is in the lowest bits. */
export type Slot = number

export class FramePool {
  readonly #shelves = sizes.map(({ slotBytes, perChunk }) => new Shelf(slotBytes, perChunk))
  #heldBytes = 0

  /** Memory of the slots in use. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** A slot for this many bytes. */
  take(bytes: number): Slot {
    const size = sizes.findIndex(({ slotBytes }) => bytes <= slotBytes)
    this.#heldBytes += this.#shelf(size).slotBytes
    return this.#shelf(size).take() * sizes.length + size
  }

  give(slot: Slot): void {
    const shelf = this.#shelf(slot % sizes.length)
    this.#heldBytes -= shelf.slotBytes
    shelf.give(Math.floor(slot / sizes.length))
  }

  bytesOf(slot: Slot): Buffer {
    return this.#shelf(slot % sizes.length).bytesOf(Math.floor(slot / sizes.length))
  }

  pointerOf(slot: Slot): Pointer {
    return this.#shelf(slot % sizes.length).pointerOf(Math.floor(slot / sizes.length))
  }

  #shelf(size: number): Shelf {
    const shelf = this.#shelves[size]
    if (shelf === undefined) throw new RangeError(`no frame is larger than ${frameBytesMax} bytes`)
    return shelf
  }
}

class Shelf {
  readonly slotBytes: number
  readonly #perChunk: number
  readonly #bytes: Buffer[] = []
  readonly #pointers: Pointer[] = []
  readonly #free: number[] = []

  constructor(slotBytes: number, perChunk: number) {
    this.slotBytes = slotBytes
    this.#perChunk = perChunk
  }

  take(): number {
    if (this.#free.length === 0) this.#grow()
    return this.#free.pop() ?? 0
  }

  give(index: number): void {
    this.#free.push(index)
  }

  bytesOf(index: number): Buffer {
    return this.#bytes[index] as Buffer
  }

  pointerOf(index: number): Pointer {
    return this.#pointers[index] as Pointer
  }

  #grow(): void {
    const chunk = Buffer.allocUnsafeSlow(this.slotBytes * this.#perChunk)
    const base = addressOf(chunk)
    for (let index = 0; index < this.#perChunk; index++) {
      const at = index * this.slotBytes
      this.#free.push(this.#bytes.length)
      this.#bytes.push(chunk.subarray(at, at + this.slotBytes))
      this.#pointers.push(base + BigInt(at))
    }
  }
}
