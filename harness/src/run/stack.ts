/** A whole environment: engine, network, services, all answering. What `squall up` gives and every run stands on. */
import { randomBytes } from 'node:crypto'
import type { Engine, EngineKind } from '../environment/engine.ts'
import type { Service, ServiceId } from '../services/service.ts'
import { startServices } from '../services/start-services.ts'
import type { Topology } from '../spec/topology.ts'
import type { Log } from '../support/log.ts'
import type { SideContainers } from './fault-targets.ts'
import { openEngine } from './open-engine.ts'

export type StackOptions = {
  readonly engine: EngineKind
  readonly runId: string
  readonly topology: Topology
  readonly seed: number
  readonly timeScale: number
  readonly startMsMax: number
  /** `process.env`, or what stands for it in a test. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Log
  /** Services that the plan breaks at fault points. Default: none. */
  readonly controlled?: ReadonlySet<ServiceId>
  /** Services whose connections the plan harms. Default: none, and then no proxy stands before any. */
  readonly linked?: ReadonlySet<ServiceId>
  /** Services whose data folder is a disk of its own, and its size. Default: none. */
  readonly diskBytes?: ReadonlyMap<ServiceId, number>
  /** The plan needs them, so their image is made beforehand. Default: it is made when it is needed. */
  readonly sideContainers?: SideContainers | undefined
  readonly onStarting?: (service: Service) => void
  readonly onReady?: (service: Service, startedInMs: number, version: string | undefined) => void
  /** The reaper is gone: what the run made would outlive its death. The run must end. */
  readonly onReaperLost?: (reason: string) => void
  readonly signal?: AbortSignal
}

export type Stack = AsyncDisposable & {
  readonly runId: string
  readonly engine: Engine
  readonly services: ReadonlyMap<ServiceId, Service>
  /** The gateway's key in this run. */
  readonly litellmKey: string
  /** Leaves it up for the lease instead of removing it. Absent on the process engine. */
  readonly detach?: (leaseMs: number) => void
}

/** Resolves when everything answers; what was started of a stack that fails is removed. */
export async function bringUp(options: StackOptions): Promise<Stack> {
  await using undo = new AsyncDisposableStack()
  const { engine, programs, detach } = await openEngine(options)
  undo.use(engine)
  const litellmKey = options.env.LITELLM_MASTER_KEY ?? `sk-squall-${randomBytes(12).toString('hex')}`
  const services = await startServices({
    ...options,
    engine,
    programs,
    litellmKey,
    own: undo.use(new AsyncDisposableStack()),
    controlled: options.controlled ?? new Set(),
    linked: options.linked ?? new Set(),
    diskBytes: options.diskBytes ?? new Map(),
  })
  const kept = undo.move()
  return {
    runId: options.runId,
    engine,
    services,
    litellmKey,
    ...(detach && { detach }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** Unique on this machine and short enough for the names of containers and folders. */
export function newRunId(): string {
  return `${Date.now().toString(36)}-${randomBytes(3).toString('hex')}`
}
