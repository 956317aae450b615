/**
 * What the kernel itself dropped at a queue, because it was full or because this process did not fetch fast enough:
 * net/netfilter/nfnetlink_queue.c seq_show of Linux 6.18. Columns: number, process, waiting, copy mode, copy range,
 * dropped at a full queue, dropped at a full socket, last number of a packet, 1.
 */
import { readFileSync } from 'node:fs'

const file = '/proc/thread-self/net/netfilter/nfnetlink_queue'

/** 0 where it cannot be read. */
export function droppedByKernel(queue: number): number {
  const lines = readLines()
  const columns = lines.map((line) => line.trim().split(/\s+/).map(Number))
  const [, , , , , atQueue = 0, atSocket = 0] = columns.find(([number]) => number === queue) ?? []
  return atQueue + atSocket
}

function readLines(): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch {
    return []
  }
}
