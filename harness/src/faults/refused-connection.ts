/** Whether an address refuses connections: one of our own is the evidence. */
import { connect } from 'node:net'
import type { Address } from '../environment/engine.ts'

export function isRefused(address: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address)
    socket.once('connect', () => {
      socket.destroy()
      resolve(false)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'))
  })
}
