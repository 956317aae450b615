/** What kinds of fault ask of the place and of their target, said once. */
import type { ControlGroup, DataDisk, GroupLimits, UnitNetwork } from '../environment/abilities.ts'
import type { Unit } from '../environment/engine.ts'
import { EngineError } from '../environment/engine-error.ts'
import type { Undo } from '../environment/reaper/undo/undo.ts'
import type { Availability, Place } from './fault.ts'

export function needsControlGroup({ engine }: Place): Availability {
  if (engine === 'docker') return { available: true, rung: 'control group' }
  return { available: false, reason: 'child processes have no control group of their own; use docker' }
}

/** @throws EngineError where `needsControlGroup` has said so. */
export function controlGroupOf({ name, controlGroup }: Unit): ControlGroup {
  if (controlGroup !== undefined) return controlGroup
  throw new EngineError(
    'unit-failed',
    `Cannot limit ${name}: it has no control group of its own; use the docker engine`,
  )
}

/** What the reaper has to do to give a unit back the limits it was started with. @param lift `null` for each of them */
export async function limitsOf(unit: Unit, lift: GroupLimits): Promise<Undo> {
  return { kind: 'limits', unit: unit.name, limits: await controlGroupOf(unit).asUpdate(lift) }
}

export function needsSideContainer({ engine, networkRungs }: Place): Availability {
  if (engine !== 'docker') {
    return { available: false, reason: 'child processes share the network of this machine; use docker' }
  }
  if (networkRungs === undefined) {
    return {
      available: true,
      rung: 'netem',
      reason: 'not tried out yet by which rung: squall doctor --probe',
    }
  }
  const at = networkRungs.findIndex(({ can }) => can !== 'no')
  const best = networkRungs[at]
  const worse = networkRungs.slice(0, best === undefined ? undefined : at)
  const way = best?.can === 'yes' && best.way === 'nfqueue' ? ' by nfqueue' : ''
  const whyNotBetter = best?.can === 'yes' && best.reason !== undefined ? [best.reason] : []
  const lacking = worse.flatMap((it) => (it.can === 'yes' ? [] : [`${it.rung}: ${it.reason}`]))
  const reason = [...lacking, ...whyNotBetter].join('; ')
  if (best === undefined) return { available: false, reason }
  return { available: true, rung: `netem, ${best.rung} rung${way}`, ...(reason !== '' && { reason }) }
}

/** Rules in a network of its own, which every kernel takes that a container engine of these years runs on. */
export function needsPacketFilter({ engine }: Place): Availability {
  if (engine === 'docker') return { available: true, rung: 'nftables' }
  return {
    available: false,
    reason: 'child processes share the network and the names of this machine; use docker',
  }
}

/** @throws EngineError where the unit shares the network of its machine, or the engine knows no image of the agent. */
export function networkOf({ name, network }: Unit): UnitNetwork {
  if (network !== undefined) return network
  throw new EngineError(
    'unit-failed',
    `Cannot reach the network of ${name}: no container can be put beside it; use the docker engine`,
  )
}

export function needsDataDisk({ engine }: Place): Availability {
  if (engine === 'docker') return { available: true, rung: 'volume in memory' }
  return { available: false, reason: 'a child process has no disk of its own; use docker' }
}

/** @throws EngineError for a unit whose plan did not ask for one. */
export function dataDiskOf({ name, dataDisk }: Unit): DataDisk {
  if (dataDisk !== undefined) return dataDisk
  const state = `${name} was not started with a data disk of its own`
  throw new EngineError('unit-failed', `Cannot harm a disk: ${state}; say it in the plan`)
}
