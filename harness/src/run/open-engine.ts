/** Opens the engine of a run, and says how programs are got for it: images for containers, scripts for processes. */
import type { DockerEngineOptions } from '../environment/docker-engine.ts'
import type { Engine } from '../environment/engine.ts'
import type { EngineError } from '../environment/engine-error.ts'
import { twinMain } from '../environment/images/twins-image.ts'
import { openProcessEngine } from '../environment/process-engine.ts'
import type { Place } from '../faults/fault.ts'
import { needsSideContainer } from '../faults/needs.ts'
import { network } from '../faults/network.ts'
import { containerPrograms, type ProgramSupply, processPrograms } from '../services/programs.ts'
import type { NetworkFault } from '../spec/network-fault.ts'
import { SquallError } from '../support/errors.ts'
import { placeOf } from './place.ts'
import type { StackOptions } from './stack.ts'

export type OpenedEngine = {
  readonly engine: Engine
  readonly programs: ProgramSupply
  /** Leaves everything up for the lease, guarded by the reaper. Only containers outlive the command. */
  readonly detach?: (leaseMs: number) => void
}

/** @throws EngineError when the engine does not answer, ImageError when the reaper's image cannot be had. */
export async function openEngine(options: StackOptions): Promise<OpenedEngine> {
  const guard = {
    onReaperLost: (error: EngineError) => options.onReaperLost?.(error.message),
    ...ttlFrom(options.env.SQUALL_LEASE_MS),
  }
  if (options.engine === 'docker') return await openDocker(options, guard)
  const engine = await openProcessEngine({ runId: options.runId, ...guard })
  return { engine, programs: processPrograms(twinMain) }
}

/** A debugger that holds the harness at a breakpoint needs more than the default. @throws SquallError `bad-lease` */
function ttlFrom(text: string | undefined): { readonly ttlMs?: number } {
  if (text === undefined || text === '') return {}
  const ttlMs = Number(text)
  if (Number.isInteger(ttlMs) && ttlMs >= 1000 && ttlMs <= 86_400_000) return { ttlMs }
  const message = `Cannot use SQUALL_LEASE_MS=${text}: it is no whole number of 1000 to 86400000 ms; correct or unset it`
  throw new SquallError('bad-lease', message)
}

async function openDocker(
  options: StackOptions,
  guard: Pick<DockerEngineOptions, 'onReaperLost' | 'ttlMs'>,
): Promise<OpenedEngine> {
  // Loaded on demand: testcontainers takes 0.3 s, which a run on the process engine must not pay.
  const [{ openDockerEngine }, { findDocker }, { openImages, imageOptions }, { networkRungs }] =
    await Promise.all([
      import('../environment/docker-engine.ts'),
      import('../environment/find-docker.ts'),
      import('./images.ts'),
      import('../environment/network-rungs.ts'),
    ])
  const found = await findDocker()
  const images = openImages(found.docker, options.env, options.log)
  const { reference: reaperImage } = await images.reaper()
  const agentImage = async (): Promise<string> => (await images.netem()).reference
  // Before anything is started: a fault must not wait for a build.
  if (options.sideContainers) await agentImage()
  const harm = options.sideContainers?.impairPackets ?? []
  if (harm.length > 0) {
    refuseWithoutRung(await networkRungs(found.docker, imageOptions(options.env, options.log)), harm)
  }
  const engine = await openDockerEngine({
    ...{ runId: options.runId, reaperImage, agentImage, docker: found },
    ...guard,
  })
  return { engine, programs: containerPrograms(images), detach: (leaseMs) => engine.detach({ leaseMs }) }
}

/** @throws SquallError `no-network-rung`: nothing is started for a plan that cannot be kept. */
function refuseWithoutRung(networkRungs: Place['networkRungs'], harm: readonly NetworkFault[]): void {
  const place = { ...placeOf('docker'), networkRungs }
  const offer = needsSideContainer(place)
  const refusals = harm.flatMap((fault) => network.refuses?.(fault, place) ?? [])
  if (offer.available && refusals.length === 0) return
  const reason = offer.available ? refusals.join('; ') : offer.reason
  const message = `Cannot impair networks on this engine: ${reason}; see docs/breaking-the-network.md`
  throw new SquallError('no-network-rung', message)
}
