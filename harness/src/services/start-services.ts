/**
 * Brings up what a topology names: chooses all addresses first, puts proxies where the plan needs them, starts
 * everything side by side, waits until each answers. LiteLLM brings its upstream with it. What was started is disposed by the engine.
 */
import { randomBytes } from 'node:crypto'
import type { Link } from '@squall/netem'
import type { Engine, Placement, UnitSpec } from '../environment/engine.ts'
import { servicesOf, type Topology } from '../spec/topology.ts'
import { nowMs } from '../support/clock.ts'
import { withoutCredentials } from '../support/errors.ts'
import { subSeed } from '../support/random.ts'
import { serviceCatalog } from './catalog.ts'
import type { ProgramContext, ServiceDefinition } from './definition.ts'
import { probeHttp } from './http-probe.ts'
import { openLinks, throughLinks } from './links.ts'
import type { ProgramSupply } from './programs.ts'
import { waitUntilReady } from './ready.ts'
import type { Service, ServiceId } from './service.ts'
import { type ResolvedSource, resolveSource } from './source.ts'
import { controlPort, unitService } from './unit-service.ts'

export type StartServicesOptions = {
  readonly engine: Engine
  readonly topology: Topology
  readonly seed: number
  readonly timeScale: number
  readonly litellmKey: string
  /** Services that the plan breaks at fault points: their twins get a control port. */
  readonly controlled: ReadonlySet<ServiceId>
  /** Services whose connections the plan harms: a proxy stands before them. */
  readonly linked: ReadonlySet<ServiceId>
  /** Closes what is opened here and not by the engine. */
  readonly own: AsyncDisposableStack
  /** Services whose data folder is a disk of its own, and its size. */
  readonly diskBytes: ReadonlyMap<ServiceId, number>
  /** Limit for each service, from start to first good answer, ms. */
  readonly startMsMax: number
  readonly env: Readonly<Record<string, string | undefined>>
  readonly programs: ProgramSupply
  /** Called for each service before it is started, so that its logs are kept even if the start fails. */
  readonly onStarting?: (service: Service) => void
  readonly onReady?: (service: Service, startedInMs: number, version: string | undefined) => void
  readonly signal?: AbortSignal
}

/** What is said to run already has no start to wait for. */
const externalMsMax = 10_000

/** Resolves when every service answers. @throws ServiceFailed, EngineError, ImageError */
export async function startServices(options: StartServicesOptions): Promise<ReadonlyMap<ServiceId, Service>> {
  const sources = resolveSources(options)
  const placements: Partial<Record<ServiceId, Placement>> = {}
  for (const [id, source] of sources) {
    if (source.kind !== 'url')
      placements[id] = await options.engine.place(id, {
        public: serviceCatalog[id].port,
        ...(isControlled(options, id, source) ? { control: controlPort } : {}),
      })
  }
  const links = await openLinks(options.engine, options.linked, placements, options.own)
  const reachable = throughLinks(options.engine, placements, links)
  const started = await Promise.allSettled(
    [...sources].map(([id, source]) => startOne(options, id, source, reachable, links.get(id))),
  )
  const failures = started.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  )
  if (failures.length === 1) throw failures[0]
  if (failures.length > 1) throw new AggregateError(failures)
  const services = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  return new Map(services.map((service) => [service.id, service]))
}

function isControlled(options: StartServicesOptions, id: ServiceId, { kind }: ResolvedSource): boolean {
  return kind === 'twin' && options.controlled.has(id)
}

/** Good for this service and this run only. */
function newToken(): string {
  return randomBytes(24).toString('base64url')
}

function resolveSources(options: StartServicesOptions): Map<ServiceId, ResolvedSource> {
  const sources = new Map<ServiceId, ResolvedSource>()
  for (const id of servicesOf(options.topology)) {
    const source = options.topology[id]
    if (source) sources.set(id, resolveSource(id, source, options.engine.kind, options.env))
  }
  const gateway = sources.get('litellm')
  if (gateway && gateway.kind !== 'url') sources.set('upstream', { kind: 'twin' })
  return sources
}

async function startOne(
  options: StartServicesOptions,
  id: ServiceId,
  source: ResolvedSource,
  placements: ProgramContext['placements'],
  link: Link | undefined,
): Promise<Service> {
  const definition = serviceCatalog[id]
  const context: ProgramContext = {
    engine: options.engine.kind,
    placements,
    seed: subSeed(options.seed, `twins/${id}`),
    timeScale: options.timeScale,
    litellmKey: options.litellmKey,
    ...(placements[id]?.ports.control === undefined ? {} : { controlToken: newToken() }),
  }
  const beganAt = nowMs()
  const service =
    source.kind === 'url'
      ? externalService(definition, context, source.url)
      : await startUnit(options, definition, context, source, link)
  const budgetMs = source.kind === 'url' ? Math.min(externalMsMax, options.startMsMax) : options.startMsMax
  const version = await waitUntilReady(service, budgetMs, options.signal)
  options.onReady?.(service, nowMs() - beganAt, version)
  return service
}

async function startUnit(
  options: StartServicesOptions,
  definition: ServiceDefinition,
  context: ProgramContext,
  source: Exclude<ResolvedSource, { kind: 'url' }>,
  link: Link | undefined,
): Promise<Service> {
  const placement = context.placements[definition.id]
  if (placement === undefined) throw new Error(`${definition.id} was not placed`)
  const { program, env, description } = await options.programs(definition, context, placement, source)
  const dataBytesMax = options.diskBytes.get(definition.id)
  const isSized = program.kind === 'container' && dataBytesMax !== undefined
  const spec: UnitSpec = { placement, env, program: isSized ? { ...program, dataBytesMax } : program }
  const unit = await options.engine.start(spec)
  const service = unitService(definition, context, unit, {
    isTwin: source.kind === 'twin',
    description,
    link,
  })
  options.onStarting?.(service)
  return service
}

function externalService(definition: ServiceDefinition, context: ProgramContext, url: string): Service {
  return {
    id: definition.id,
    implementation: 'external',
    description: `already running at ${withoutCredentials(url)}`,
    url,
    probe: (signal) => probeHttp(url, definition.probe(context), signal),
    onJournal: () => ({ [Symbol.dispose]: () => undefined }),
  }
}
