/** A unit of ours as a service, whether this process has started it or found it there. */
import type { Unit } from '../environment/engine.ts'
import type { ProgramContext, ServiceDefinition } from './definition.ts'
import { probeHttp } from './http-probe.ts'
import { followJournal } from './journal.ts'
import type { Service } from './service.ts'
import { twinControl } from './twin-control.ts'

/** Port of a twin's control server inside its container; any that no twin uses for its protocol. */
export const controlPort = 8199

export function unitService(
  definition: ServiceDefinition,
  context: ProgramContext,
  unit: Unit,
  isTwin: boolean,
  description: string,
): Service {
  const outside = unit.placement.ports.public?.outside
  if (outside === undefined) throw new Error(`${unit.name} has no public port`)
  const url = `http://${outside.host}:${outside.port}`
  const control = unit.placement.ports.control?.outside
  const { controlToken: token } = context
  return {
    id: definition.id,
    implementation: isTwin ? 'twin' : 'real',
    description,
    url,
    unit,
    ...(control && token ? { control: twinControl(`http://${control.host}:${control.port}`, token) } : {}),
    probe: (signal) => probeHttp(url, definition.probe(context), signal),
    onJournal: (listener) => followJournal(unit, listener),
  }
}
