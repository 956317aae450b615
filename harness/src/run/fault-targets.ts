/** Who a step of the plan harms: the service it names, or the upstream where its point belongs to that. */
import type { Engine } from '../environment/engine.ts'
import type { FaultTarget } from '../faults/fault.ts'
import type { Service, ServiceId } from '../services/service.ts'
import type { FaultStep } from '../spec/fault-plan.ts'
import { isUpstreamPoint } from '../spec/protocol-fault.ts'

/** The service that a step strikes. */
function targetId({ on, fault }: FaultStep): ServiceId {
  return fault.kind === 'protocol' && isUpstreamPoint(fault.point) ? 'upstream' : on
}

/** Services that a plan breaks at fault points, and which need a control port for it. */
export function controlledServices(plan: readonly FaultStep[]): ReadonlySet<ServiceId> {
  return new Set(plan.filter(({ fault }) => fault.kind === 'protocol').map(targetId))
}

/** The target as faults see it; undefined for what was not started here. */
export function faultTarget(
  { services, engine }: { readonly services: ReadonlyMap<ServiceId, Service>; readonly engine: Engine },
  step: FaultStep,
): FaultTarget | undefined {
  const service = services.get(targetId(step))
  if (service?.unit === undefined) return undefined
  const { unit, control } = service
  return { unit, intend: (undo) => engine.intend(undo), ...(control && { control }) }
}
