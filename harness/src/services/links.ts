/**
 * Proxies before services whose connections a plan harms. A plan that harms none has none: clients then talk to the
 * service itself.
 *
 * A link's port is the run's own, so its address outlives kill and restart of the service. The harness looks at the
 * service itself, not through the link: what is harmed is the way, and readiness is the service's.
 */
import { type Link, openLink } from '@squall/netem'
import type { Engine, Placement } from '../environment/engine.ts'
import type { ServiceId } from './service.ts'

export type Links = ReadonlyMap<ServiceId, Link>

type Placements = Readonly<Partial<Record<ServiceId, Placement>>>

/** @param own Closes them; before the engine goes, so that nobody is sent to a port that is given back. */
export async function openLinks(
  engine: Engine,
  linked: ReadonlySet<ServiceId>,
  placements: Placements,
  own: AsyncDisposableStack,
): Promise<Links> {
  const links = new Map<ServiceId, Link>()
  for (const id of linked) {
    const service = placements[id]?.ports.public?.outside
    if (service === undefined) continue // runs already, and is never harmed
    const { ports } = await engine.place(`${id}-link`, { link: 0 })
    const port = ports.link?.outside.port ?? 0
    links.set(id, own.use(await openLink({ listen: { host: '127.0.0.1', port }, service })))
  }
  return links
}

/** Where units of the run reach each other; through the link, if they can: containers have a loopback of their own. */
export function throughLinks(engine: Engine, placements: Placements, links: Links): Placements {
  if (engine.kind !== 'process') return placements
  const changed = { ...placements }
  for (const [id, { address }] of links) {
    const placement = placements[id]
    const open = placement?.ports.public
    if (placement && open) {
      changed[id] = { ...placement, ports: { ...placement.ports, public: { ...open, inside: address } } }
    }
  }
  return changed
}
