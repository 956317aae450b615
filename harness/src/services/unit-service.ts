/** A unit of ours as a service, whether this process has started it or found it there. */
import type { Link } from '@squall/netem'
import type { Address, Unit } from '../environment/engine.ts'
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
  about: { readonly isTwin: boolean; readonly description: string; readonly link: Link | undefined },
): Service {
  const outside = unit.placement.ports.public?.outside
  if (outside === undefined) throw new Error(`${unit.name} has no public port`)
  const direct = urlOf(outside)
  const { isTwin, description, link } = about
  const control = unit.placement.ports.control?.outside
  const { controlToken: token } = context
  return {
    id: definition.id,
    implementation: isTwin ? 'twin' : 'real',
    description,
    url: link ? urlOf(link.address) : direct,
    ...(link && { link }),
    unit,
    ...(control && token ? { control: twinControl(urlOf(control), token) } : {}),
    probe: (signal) => probeHttp(direct, definition.probe(context), signal),
    onJournal: (listener) => followJournal(unit, listener),
  }
}

function urlOf({ host, port }: Address): string {
  return `http://${host}:${port}`
}
