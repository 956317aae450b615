/**
 * The kernel's list of queues that somebody listens at, and what it dropped there itself, because the queue was full or
 * its process did not fetch fast enough: net/netfilter/nfnetlink_queue.c seq_show of Linux 6.18. Columns: number, process, waiting, copy mode, copy range,
 * dropped at a full queue, dropped at a full socket, last number of a packet, 1.
 */
import { readFileSync } from 'node:fs'

const file = '/proc/thread-self/net/netfilter/nfnetlink_queue'

/** 0 where it cannot be read. */
export function droppedByKernel(queue: number): number {
  const [, , , , , atQueue = 0, atSocket = 0] = lineOf(queue) ?? []
  return atQueue + atSocket
}

/** False where it cannot be read. */
export function isListenedAt(queue: number): boolean {
  return lineOf(queue) !== undefined
}

function lineOf(queue: number): readonly number[] | undefined {
  const columns = readLines().map((line) => line.trim().split(/\s+/).map(Number))
  return columns.find(([number]) => number === queue)
}

function readLines(): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch {
    return []
  }
}
