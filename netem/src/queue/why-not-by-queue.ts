/** What a queue cannot do to packets, told before anything is done. */
import type { Impairment } from '../spec/impairment.ts'
import { concerns } from '../spec/settled-impairment.ts'

const withBpf = 'or give the agent CAP_BPF or CAP_SYS_ADMIN, so that it need not take packets from a queue'

/**
 * A verdict lets a packet go on once or not at all. And what goes out belongs to the socket that sent it until it has
 * left: TCP sends no more while two packets are held (measured: 0.5 Mbit/s instead of 556 at 50 ms), so only what is
 * decided at once is done to it.
 */
export function whyNotByQueue(impairment: Impairment): string | undefined {
  const { duplicate, delay, rate, reorder } = impairment
  if (duplicate !== undefined) {
    return `Cannot duplicate packets by a queue: its verdict lets a packet pass once; leave duplicate out, ${withBpf}`
  }
  const holds = delay !== undefined || rate !== undefined || reorder !== undefined
  if (!holds || !concerns(impairment, 'out')) return undefined
  return (
    'Cannot hold what goes out by a queue: it would stay charged to the socket that sent it, and TCP would nearly ' +
    `stand still; say direction in, ${withBpf}`
  )
}
