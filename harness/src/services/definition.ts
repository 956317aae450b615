/** How one kind of service is probed and started. One file per service holds a definition; `catalog.ts` lists them. */
import type { EngineKind, Placement, UnitSpec } from '../environment/engine.ts'
import type { HttpProbe } from './http-probe.ts'
import type { ServiceId } from './service.ts'

export type ServiceDefinition = {
  readonly id: ServiceId
  /** The port the program calls its own; the outside sees another. */
  readonly port: number
  /** Twin package: `@squall/twin-<twin>`. */
  readonly twin: string
  probe(context: ProgramContext): HttpProbe
  /** Environment and extra arguments of the twin. */
  twinProgram(context: ProgramContext): ProgramAdditions
  /** Environment, arguments and files of the real program in its image. */
  realProgram(context: ProgramContext): ProgramAdditions & Pick<ContainerExtras, 'files' | 'memoryBytesMax'>
}

export type ContainerExtras = Omit<
  Extract<UnitSpec['program'], { kind: 'container' }>,
  'kind' | 'image' | 'command'
>

export type ProgramAdditions = {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

export type ProgramContext = {
  readonly engine: EngineKind
  readonly placements: Readonly<Partial<Record<ServiceId, Placement>>>
  /** Seed of this service's own stream of draws. */
  readonly seed: number
  readonly timeScale: number
  /** The gateway's master key of this run. Made anew for each; never logged. */
  readonly litellmKey: string
  /** The token of the control port, if this service has one in this run. Never logged. */
  readonly controlToken?: string
}
