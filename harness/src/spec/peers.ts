/** Units of the run that a fault names besides its target: whom it is cut off from, or whose packets are meant. */
import type { FaultSpec } from './fault-plan.ts'
import { peersOf } from './network-fault.ts'

export function peersNamed(fault: FaultSpec): readonly string[] {
  if (fault.kind === 'network') return peersOf(fault.impair)
  if (fault.kind === 'dns') return fault.names
  return fault.kind === 'partition' && fault.from !== 'everybody' ? fault.from : []
}

/**
 * Those of its peers that may be hit themselves. An impairment of several services may well name one of them: the packets
 * between that one and the others are meant.
 */
export function ownPeers(fault: FaultSpec, hit: readonly string[]): readonly string[] {
  if (fault.kind === 'network' && hit.length > 1) return []
  return peersNamed(fault).filter((peer) => hit.includes(peer))
}
