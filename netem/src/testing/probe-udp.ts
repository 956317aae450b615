/** Numbered UDP packets to an echo, and what became of each: the measurement from outside. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { sleep } from '../clock.ts'
import { slowness } from './slowness.ts'

export type Echoes = {
  /** By number of the packet: how often it came back, and how long the first time took, ms. */
  readonly times: readonly number[]
  readonly roundTripMs: readonly (number | undefined)[]
  /** Numbers in the order in which they came back, duplicates included. */
  readonly order: readonly number[]
  /** Came back with another content than they went with. */
  readonly damaged: number
}

export type ProbeOptions = {
  readonly address: string
  readonly port: number
  readonly count: number
  /** Pace; several go at once when the clock is coarser. */
  readonly everyMs: number
  readonly bytes?: number
  /** How long to wait for the last ones, ms. */
  readonly patienceMs: number
}

/** Content of each packet: number, then a pattern. */
const numberBytes = 4
const pattern = 0x5a

export async function probeUdp(options: ProbeOptions): Promise<Echoes> {
  const { address, port, count, bytes = 200 } = options
  const [everyMs, patienceMs] = [options.everyMs * slowness, options.patienceMs * slowness]
  const socket = createSocket({
    type: isIPv6(address) ? 'udp6' : 'udp4',
    recvBufferSize: 8 * 2 ** 20,
    sendBufferSize: 8 * 2 ** 20,
  })
  socket.connect(port, address)
  await once(socket, 'connect')
  const sentMs = new Float64Array(count)
  const times = Array.from({ length: count }, () => 0)
  const roundTripMs = Array.from({ length: count }, (): number | undefined => undefined)
  const order: number[] = []
  let damaged = 0
  socket.on('message', (message) => {
    const nowMs = performance.now()
    const number = message.length === bytes ? message.readUInt32LE(0) : count
    if (number >= count || !message.subarray(numberBytes).every((byte) => byte === pattern)) {
      damaged += 1
      return
    }
    if (times[number] === 0) roundTripMs[number] = nowMs - (sentMs[number] ?? 0)
    times[number] = (times[number] ?? 0) + 1
    order.push(number)
  })
  const beganMs = performance.now()
  for (let number = 0; number < count; ) {
    const due = Math.min(count, Math.floor((performance.now() - beganMs) / everyMs) + 1)
    for (; number < due; number++) {
      const message = Buffer.alloc(bytes, pattern)
      message.writeUInt32LE(number, 0)
      sentMs[number] = performance.now()
      socket.send(message)
    }
    await sleep(everyMs)
  }
  const isComplete = () => order.length + damaged >= count && times.every((it) => it > 0)
  const endMs = performance.now() + patienceMs
  while (performance.now() < endMs && !isComplete()) await sleep(5)
  socket.close()
  return { times, roundTripMs, order, damaged }
}

/** The shortest time. A busy machine adds to single packets, and none comes sooner than it is let. */
export function fastestOf(values: readonly (number | undefined)[]): number {
  return Math.min(...values.filter((value) => value !== undefined))
}

/** One character per packet: the pattern of what came back. */
export function bitmapOf({ times }: Echoes): string {
  return times.map((it) => (it === 0 ? '.' : '1')).join('')
}
