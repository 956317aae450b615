/**
 * Docker's name server of one container: it is asked at 127.0.0.11, port 53, and rules that the engine wrote into the
 * container's namespace send the question to the port where the engine really listens. Nobody else binds that
 * address, so the port is read from the kernel's lists of sockets (proc(5), /proc/net/tcp and udp).
 */
import { readFileSync } from 'node:fs'
import { NetemError } from '../errors.ts'

export const embeddedDns = { address: '127.0.0.11', port: 53 } as const

/** Where the engine really listens, for questions that are to pass. */
export type NameServer = { readonly udp: number; readonly tcp: number }

/** In these lists an address is a number in the machine's own order, which is the small end first. */
const address = '0B00007F'
/** TCP_LISTEN; a UDP socket that is bound and not connected has TCP_CLOSE. */
const state = { tcp: '0A', udp: '07' } as const

/** @throws NetemError `unsupported` on a network without it: the engine's default bridge, none, the host's */
export function findNameServer(): NameServer {
  const [udp, tcp] = [portOf('udp'), portOf('tcp')]
  if (udp !== undefined && tcp !== undefined) return { udp, tcp }
  throw new NetemError(
    'unsupported',
    "Cannot make names fail: Docker's name server is not in this network namespace; connect the container to a " +
      'network of its own (docker network create), names are known there only',
  )
}

function portOf(protocol: 'udp' | 'tcp'): number | undefined {
  for (const line of readFileSync(`/proc/net/${protocol}`, 'utf8').split('\n').slice(1)) {
    const [, local = '', , status] = line.trim().split(/\s+/)
    const [where, port = ''] = local.split(':')
    if (where === address && status === state[protocol]) return Number.parseInt(port, 16)
  }
  return undefined
}
