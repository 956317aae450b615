/**
 * One kernel shaper per device: a name in the network namespace that belongs to this process. Abstract unix sockets are
 * per network namespace and go with their process, so a dead owner holds nothing (unix(7)).
 */
import { createServer } from 'node:net'
import { NetemError } from '../errors.ts'

export type NamespaceLock = { release(): void }

/** @throws NetemError `already-shaped` */
export async function lockDevice(device: string, deviceIndex: number): Promise<NamespaceLock> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(taken(device, cause)))
    server.listen({ path: `\0squall-netem-${deviceIndex}` }, resolve)
  })
  server.unref()
  return { release: () => void server.close() }
}

function taken(device: string, cause: Error): NetemError {
  return new NetemError(
    'already-shaped',
    `Cannot shape device ${device}: another shaper is at work there; end it first, or give it both impairments`,
    { cause },
  )
}
