/**
 * The way without eBPF: packets wait in a queue of the kernel's packet filter (NFQUEUE). It needs CAP_NET_ADMIN alone.
 * What it cannot do is refused before anything is touched.
 */
import { NetemError } from '../errors.ts'
import type { SettledImpairment } from '../spec/settled-impairment.ts'
import type { Captures } from '../userspace/capture.ts'
import { ifNameToIndex } from '../userspace/libc.ts'
import { alreadyShaped, indexOf, tapName } from '../userspace/network-device.ts'
import { QueueCapture } from './queue-capture.ts'
import { isListenedAt } from './queue-list.ts'
import { QueueTable } from './queue-table.ts'
import { whyNotByQueue } from './why-not-by-queue.ts'

/** Two queues per device. Numbers are of the namespace, 0 to 65535; small ones are what others take. */
const firstQueue = 0x5e_70
const queueCount = 0x20_00

export class QueueCaptures implements Captures {
  readonly #device: string
  #table: QueueTable | undefined
  #open = 0

  constructor(device: string) {
    this.#device = device
  }

  /** @throws NetemError `unsupported` */
  require(impairments: readonly SettledImpairment[]): void {
    for (const impairment of impairments) {
      const reason = whyNotByQueue(impairment)
      if (reason !== undefined) throw new NetemError('unsupported', reason)
    }
  }

  open(direction: 'in' | 'out'): QueueCapture {
    const deviceIndex = indexOf(this.#device)
    // Of a shaper that takes the detour.
    if (ifNameToIndex(tapName(deviceIndex, direction)) > 0) throw alreadyShaped(this.#device)
    // Looked up beforehand: when the table of one that is refused goes, the kernel drops what others hold.
    if (this.#open === 0 && isQueued(deviceIndex)) throw alreadyShaped(this.#device)
    const table = this.#table ?? new QueueTable(deviceIndex)
    this.#table = table
    this.#open += 1
    try {
      const queue = queueOf(deviceIndex, direction)
      return new QueueCapture({ table, direction, queue, onClose: () => this.#closed() })
    } catch (error) {
      this.#closed()
      throw error
    }
  }

  #closed(): void {
    this.#open -= 1
    if (this.#open > 0) return
    this.#table?.close()
    this.#table = undefined
  }
}

/** Whether somebody takes packets of this device from a queue. */
export function isQueued(deviceIndex: number): boolean {
  return (['in', 'out'] as const).some((direction) => isListenedAt(queueOf(deviceIndex, direction)))
}

function queueOf(deviceIndex: number, direction: 'in' | 'out'): number {
  return firstQueue + ((2 * deviceIndex + (direction === 'out' ? 1 : 0)) % queueCount)
}
