/** The services of an environment that was left up: units by their names, twins by the token of their control port. */
import type { AdoptedUnit } from '../environment/docker-attach.ts'
import { serviceCatalog } from './catalog.ts'
import type { ProgramContext } from './definition.ts'
import { controlTokenVariable } from './programs.ts'
import type { Service, ServiceId } from './service.ts'
import { controlPort, unitService } from './unit-service.ts'

/** Which ports a unit of that name may have, for the engine to look them up. */
export function portsOf(unit: string): Readonly<Record<string, number>> {
  return isServiceId(unit) ? { public: serviceCatalog[unit].port, control: controlPort } : {}
}

/** Units that are no services, as side containers of a fault, are left out. */
export function adoptedServices(units: readonly AdoptedUnit[]): ReadonlyMap<ServiceId, Service> {
  return new Map(
    units.flatMap((adopted) => {
      const { name } = adopted.unit
      return isServiceId(name) ? [[name, asService(name, adopted)] as const] : []
    }),
  )
}

function asService(id: ServiceId, { unit, image, env }: AdoptedUnit): Service {
  const token = env[controlTokenVariable]
  // Probes ask nothing of how a program was started.
  const context: ProgramContext = {
    ...{ engine: 'docker', placements: {}, seed: 0, timeScale: 1, litellmKey: '' },
    ...(token !== undefined && { controlToken: token }),
  }
  const isTwin = token !== undefined
  const description = isTwin ? 'twin' : image
  return unitService(serviceCatalog[id], context, unit, { isTwin, description, link: undefined })
}

function isServiceId(name: string): name is ServiceId {
  return Object.hasOwn(serviceCatalog, name)
}
