/**
 * Held packets in the order in which they are due: a binary heap on typed arrays. Those due at the same time leave in
 * the order of their arrival, as in netem's tfifo. It grows by doubling and allocates nothing else.
 */
export class DueHeap {
  #dueMs: Float64Array
  #arrival: Float64Array
  #slot: Int32Array
  #size = 0
  #arrivals = 0

  constructor(capacity = 1024) {
    this.#dueMs = new Float64Array(capacity)
    this.#arrival = new Float64Array(capacity)
    this.#slot = new Int32Array(capacity)
  }

  get size(): number {
    return this.#size
  }

  /** When the first one is due; Infinity when there is none. */
  get firstDueMs(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#dueMs[0] ?? 0)
  }

  push(dueMs: number, slot: number): void {
    if (this.#size === this.#slot.length) this.#grow()
    let hole = this.#size++
    const arrival = this.#arrivals++
    while (hole > 0) {
      const parent = (hole - 1) >> 1
      // What arrived earlier stays before what is due at the same time.
      if ((this.#dueMs[parent] ?? 0) <= dueMs) break
      this.#move(parent, hole)
      hole = parent
    }
    this.#put(hole, dueMs, arrival, slot)
  }

  /** Takes the first one out and returns its slot. Only when there is one. */
  pop(): number {
    const first = this.#slot[0] ?? 0
    const last = --this.#size
    if (last === 0) return first
    const dueMs = this.#dueMs[last] ?? 0
    const arrival = this.#arrival[last] ?? 0
    const slot = this.#slot[last] ?? 0
    let hole = 0
    for (let child = 1; child < last; child = 2 * hole + 1) {
      if (child + 1 < last && this.#isBefore(child + 1, this.#dueMs[child] ?? 0, this.#arrival[child] ?? 0)) {
        child += 1
      }
      if (!this.#isBefore(child, dueMs, arrival)) break
      this.#move(child, hole)
      hole = child
    }
    this.#put(hole, dueMs, arrival, slot)
    return first
  }

  #isBefore(index: number, dueMs: number, arrival: number): boolean {
    const own = this.#dueMs[index] ?? 0
    return own < dueMs || (own === dueMs && (this.#arrival[index] ?? 0) < arrival)
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#dueMs[from] ?? 0, this.#arrival[from] ?? 0, this.#slot[from] ?? 0)
  }

  #put(index: number, dueMs: number, arrival: number, slot: number): void {
    this.#dueMs[index] = dueMs
    this.#arrival[index] = arrival
    this.#slot[index] = slot
  }

  #grow(): void {
    this.#dueMs = grown(this.#dueMs, new Float64Array(this.#slot.length * 2))
    this.#arrival = grown(this.#arrival, new Float64Array(this.#slot.length * 2))
    this.#slot = grown(this.#slot, new Int32Array(this.#slot.length * 2))
  }
}

function grown<T extends Float64Array | Int32Array>(from: T, to: T): T {
  to.set(from)
  return to
}
