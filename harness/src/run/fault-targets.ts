/** Who a step of the plan harms: the service it names, or the upstream where its point belongs to that. */
import type { Engine, EngineKind } from '../environment/engine.ts'
import type { FaultTarget } from '../faults/fault.ts'
import type { Service, ServiceId } from '../services/service.ts'
import { namedIn } from '../spec/blast-radius.ts'
import type { FaultStep } from '../spec/fault-plan.ts'
import type { NetworkFault } from '../spec/network-fault.ts'
import { isUpstreamPoint } from '../spec/protocol-fault.ts'
import type { ServiceName } from '../spec/topology.ts'

/** The service that a step strikes when it says `on`. */
function targetId({ fault }: FaultStep, on: ServiceName): ServiceId {
  const isUpstream =
    (fault.kind === 'protocol' && isUpstreamPoint(fault.point)) ||
    (fault.kind === 'link' && fault.toward === 'upstream')
  return isUpstream ? 'upstream' : on
}

/** Services that a plan breaks at fault points, and which need a control port for it. */
export function controlledServices(plan: readonly FaultStep[]): ReadonlySet<ServiceId> {
  const steps = plan.filter(({ fault }) => fault.kind === 'protocol')
  return new Set(steps.flatMap((step) => (namedIn(step.on) ?? []).map((on) => targetId(step, on))))
}

/** Possible targets of a plan that fills or seals their disks, and how large these are to be: as the largest step says. */
export function sizedDisks(
  plan: readonly FaultStep[],
  candidates: readonly ServiceName[],
): ReadonlyMap<ServiceId, number> {
  const sizes = new Map<ServiceId, number>()
  for (const { on, fault } of plan) {
    if (fault.kind !== 'disk-full' && fault.kind !== 'read-only') continue
    for (const name of namedIn(on) ?? candidates) {
      sizes.set(name, Math.max(sizes.get(name) ?? 0, fault.sizeMb * 2 ** 20))
    }
  }
  return sizes
}

/** Possible targets of a plan that harms connections: a proxy stands before them from the start. */
export function linkedServices(
  plan: readonly FaultStep[],
  candidates: readonly ServiceName[],
  engine: EngineKind,
): ReadonlySet<ServiceId> {
  const steps = plan.filter(
    ({ fault: { kind } }) => kind === 'link' || (kind === 'network' && engine === 'process'),
  )
  return new Set(steps.flatMap((step) => (namedIn(step.on) ?? candidates).map((on) => targetId(step, on))))
}

/** What a plan asks of containers beside services; undefined when it needs none. */
export type SideContainers = {
  /** They must be able to do this to packets, which not every kernel can; for the other kinds their image is enough. */
  readonly impairPackets: readonly NetworkFault[]
}

export function sideContainersOf(plan: readonly FaultStep[]): SideContainers | undefined {
  const kinds = new Set(plan.map(({ fault }) => fault.kind))
  const impairPackets = plan.flatMap(({ fault }) => (fault.kind === 'network' ? [fault] : []))
  const others = ['partition', 'dns', 'files', 'disk-full', 'read-only'] as const
  return impairPackets.length > 0 || others.some((kind) => kinds.has(kind)) ? { impairPackets } : undefined
}

/** The target as faults see it; undefined for what was not started here. */
export function faultTarget(
  { services, engine }: { readonly services: ReadonlyMap<ServiceId, Service>; readonly engine: Engine },
  step: FaultStep,
  on: ServiceName,
): FaultTarget | undefined {
  const service = services.get(targetId(step, on))
  if (service?.unit === undefined) return undefined
  const { unit, control, link } = service
  const intend: Engine['intend'] = (undo) => engine.intend(undo)
  return { unit, intend, ...(control && { control }), ...(link && { link }) }
}
