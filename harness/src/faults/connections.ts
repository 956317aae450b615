/**
 * Opens connections to the target and leaves them silent, as a client that leaks sockets does. Bounded, and only
 * towards a unit of the run itself. How many were still held at the end is the receipt: a server that shuts silent
 * connections, or refuses them, shows here.
 */
import { connect, type Socket } from 'node:net'
import type { Unit } from '../environment/engine.ts'
import { deadline } from '../support/deadline.ts'
import type { Fault } from './fault.ts'

/** A server that cannot accept any more leaves the rest waiting; they count as not held. */
const connectMsMax = 5_000

export const connections: Fault<'connections'> = {
  kind: 'connections',
  summary: 'opens connections to the process from outside and leaves them silent',
  available: () => ({ available: true, rung: 'side client' }),
  async inject({ count }, { unit }) {
    const held = await openAll(unit, count)
    const opened = held.size
    let left: number | undefined
    return {
      async heal() {
        if (left !== undefined) return
        left = held.size
        for (const socket of held) socket.destroy()
      },
      receipt: () => {
        const until = left === undefined ? '' : `, ${left} of them to the end`
        return {
          bit: (left ?? opened) > 0,
          rung: 'side client',
          evidence: `${opened} of ${count} connections held${until}`,
        }
      },
    }
  },
}

/** The sockets that are connected; each leaves the set when it is closed. */
async function openAll(unit: Unit, count: number): Promise<Set<Socket>> {
  const [port] = Object.values(unit.placement.ports)
  if (port === undefined) throw new Error(`Cannot connect to ${unit.name}: it has no port`)
  const held = new Set<Socket>()
  const sockets = Array.from({ length: count }, () => connect(port.outside))
  using limit = deadline(connectMsMax, `connect to ${unit.name}`)
  await Promise.all(
    sockets.map(async (socket) => {
      socket.once('close', () => held.delete(socket))
      const settled = new Promise<void>((resolve) => {
        socket.once('connect', () => {
          held.add(socket)
          resolve()
        })
        socket.on('error', () => resolve())
      })
      await limit.race(settled).catch(() => socket.destroy())
    }),
  )
  return held
}
