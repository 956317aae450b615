/**
 * One direction of one connection: reads from a socket, holds what the harms on it say, writes to the other socket.
 *
 * Bytes keep their order, ends of streams and resets stay behind them. What arrives gets the moment from which it is
 * ready (a delay); when it is written is decided once the one before is gone (rate, slices), so that a change is felt
 * at once. A reader that is slow, and memory that is full, stop the reading, so the sender feels it as without a link.
 */
import type { Socket } from 'node:net'
import { after, nowMs } from '../clock.ts'
import type { LaneHarm } from './lane-harm.ts'

/** Held per direction of a connection: what Linux lets a socket keep unsent (third figure of tcp_wmem). */
export const heldBytesMax = 4 * 2 ** 20

/** What holding a small buffer costs beside its bytes. */
const perItemBytes = 512

type Item = {
  readonly what: 'bytes' | 'end' | 'reset'
  readonly bytes: Buffer
  /** Written no earlier. */
  readonly readyMs: number
  readonly delayedBy: readonly LaneHarm[]
}

/** A write that has been cut off the first item. */
type Write = {
  readonly bytes: Buffer
  readonly dueMs: number
  /** Nothing of the item is left then. */
  readonly isWhole: boolean
}

export type LaneOptions = {
  readonly from: Socket
  readonly to: Socket
  readonly passed: (bytes: number) => void
  /** The harm on this lane has come to its end of the connection. */
  readonly onEnding: (harm: LaneHarm, ending: 'cut' | 'reset') => void
}

const nothing = Buffer.alloc(0)

export class Lane {
  readonly #options: LaneOptions
  readonly #held: Item[] = []
  #heldBytes = 0
  #harms: readonly LaneHarm[] = []
  #write: Write | undefined
  #timer: Disposable | undefined
  #isFull = false
  #isOver = false

  constructor(options: LaneOptions) {
    this.#options = options
    const { from, to } = options
    from.on('data', (bytes) => this.#arrive('bytes', bytes))
    from.on('end', () => this.#arrive('end'))
    to.on('drain', () => {
      this.#isFull = false
      this.#pump()
    })
  }

  get heldBytes(): number {
    return this.#heldBytes
  }

  /** Whoever sent this way is gone without a farewell. */
  senderReset(): void {
    this.#arrive('reset')
  }

  /** Nothing passes any more; what is held is dropped. */
  stop(): void {
    this.#isOver = true
    this.#timer?.[Symbol.dispose]()
    this.#held.length = 0
    this.#heldBytes = 0
    this.#write = undefined
  }

  /** From now on these. Without any, what is held passes at once. */
  set harms(harms: readonly LaneHarm[]) {
    this.#harms = harms
    this.#write = undefined
    this.#pump()
  }

  #arrive(what: Item['what'], bytes = nothing): void {
    if (this.#isOver) return
    const waits = this.#harms.map((harm) => ({ harm, ms: harm.delayMs(what === 'end') }))
    const readyMs = waits.reduce((sum, { ms }) => sum + ms, nowMs())
    const delayedBy = waits.filter(({ ms }) => ms > 0).map(({ harm }) => harm)
    this.#held.push({ what, bytes, readyMs, delayedBy })
    this.#heldBytes += bytes.length + perItemBytes
    this.#pump()
  }

  /** Writes what is due, and comes back when the next is. */
  #pump(): void {
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
    while (!this.#isOver && !this.#isFull) {
      const harm = this.#harms.find(({ ending }) => ending !== undefined)
      if (harm?.ending !== undefined) return this.#end(harm, harm.ending)
      const waitMs = this.#passNext()
      if (waitMs === 0) continue
      if (waitMs !== undefined) this.#comeBack(waitMs)
      break
    }
    this.#press()
  }

  #comeBack(waitMs: number): void {
    const dueMs = nowMs() + waitMs
    this.#timer = after(waitMs, () => {
      for (const harm of this.#harms) harm.noteLate(nowMs() - dueMs)
      this.#pump()
    })
  }

  /** @returns 0 when something passed, the time until it does, undefined when nothing can. */
  #passNext(): number | undefined {
    const [item] = this.#held
    if (item === undefined) return undefined
    const stalled = this.#harms.filter(({ isStalled }) => isStalled)
    for (const harm of stalled) harm.noteStall()
    if (stalled.length > 0) return undefined
    const now = nowMs()
    const readyMs = this.#harms.length === 0 ? 0 : item.readyMs
    if (readyMs > now) return readyMs - now
    if (item.what !== 'bytes') {
      this.#farewell(item)
      return 0
    }
    this.#write ??= this.#cutOff(item, now)
    if (this.#write.dueMs > now) return this.#write.dueMs - now
    this.#pass(item, this.#write, now)
    return 0
  }

  #cutOff({ bytes, readyMs }: Item, now: number): Write {
    const length = Math.min(bytes.length, ...this.#harms.map(({ writeBytesMax }) => writeBytesMax))
    const isWhole = length === bytes.length
    const due = this.#harms.map((harm) => harm.dueMs(length, readyMs, now))
    return { bytes: bytes.subarray(0, length), dueMs: Math.max(0, ...due), isWhole }
  }

  #pass(item: Item, { bytes, isWhole }: Write, now: number): void {
    this.#write = undefined
    this.#heldBytes -= bytes.length
    if (isWhole) this.#drop()
    else this.#held[0] = { ...item, delayedBy: [], bytes: item.bytes.subarray(bytes.length) }
    for (const harm of this.#harms) {
      harm.passed({ bytes: bytes.length, isWhole, isDelayed: item.delayedBy.includes(harm) }, now)
    }
    this.#options.passed(bytes.length)
    this.#isFull = !this.#options.to.write(bytes)
  }

  #farewell({ what, delayedBy }: Item): void {
    this.#drop()
    if (what === 'reset') {
      this.#options.to.resetAndDestroy()
      return
    }
    for (const harm of delayedBy) harm.closed()
    this.#options.to.end()
  }

  #drop(): void {
    this.#held.shift()
    this.#heldBytes -= perItemBytes
  }

  /** What has passed before is on its way first: a reset takes along what has not left this process. */
  #end(harm: LaneHarm, ending: 'cut' | 'reset'): void {
    this.stop()
    const finish = (): void => this.#options.onEnding(harm, ending)
    if (this.#options.to.writableLength === 0) finish()
    else this.#options.to.write(nothing, finish)
  }

  #press(): void {
    if (this.#isOver) return
    if (this.#isFull || this.#heldBytes >= heldBytesMax) this.#options.from.pause()
    else this.#options.from.resume()
  }
}
