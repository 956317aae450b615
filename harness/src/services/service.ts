/** A running service as the rest of the harness sees it: where it is, whether it answers, what it says it did. */
import type { Link } from '@squall/netem'
import type { Unit } from '../environment/engine.ts'
import type { ServiceName } from '../spec/topology.ts'
import type { TwinControl } from './twin-control.ts'

/** `upstream` stands behind the LiteLLM gateway and answers for its models. Users never talk to it. */
export type ServiceId = ServiceName | 'upstream'

export type Implementation =
  /** Squall's own faithful server. */
  | 'twin'
  /** The real program, in a container. */
  | 'real'
  /** Already running elsewhere; Squall only talks to it. */
  | 'external'

export type Service = {
  readonly id: ServiceId
  readonly implementation: Implementation
  /** For people: "twin", "real, squall-litellm:1.83.0 (built)". */
  readonly description: string
  /** Base URL for clients, without a trailing slash: the proxy's if there is one. */
  readonly url: string
  /** One look: does it answer as this service should? Never throws. */
  probe(signal: AbortSignal): Promise<ProbeResult>
  /** Absent for an external service; faults need it. */
  readonly unit?: Unit
  /** The proxy before it; only if the plan harms its connections. */
  readonly link?: Link
  /** Only for a twin whose plan breaks it at fault points. */
  readonly control?: TwinControl
  /** Lines of the twin's journal, from its first start on. Silent where the program keeps none. */
  onJournal(listener: (line: JournalLine) => void): Disposable
}

export type ProbeResult =
  | { readonly ok: true; readonly version?: string }
  | { readonly ok: false; readonly saw: string }

export type JournalLine = {
  /** ms since the epoch, by the twin's clock. Twins share the machine's clock. */
  readonly at: number
  readonly event: string
  readonly fields: Readonly<Record<string, unknown>>
}
