/** Opens the engine of a run, and says how programs are got for it: images for containers, scripts for processes. */
import type { Engine } from '../environment/engine.ts'
import type { ReaperLost } from '../environment/engine-error.ts'
import { twinMain } from '../environment/images/twins-image.ts'
import { openProcessEngine } from '../environment/process-engine.ts'
import { containerPrograms, type ProgramSupply, processPrograms } from '../services/programs.ts'
import type { StackOptions } from './stack.ts'

export type OpenedEngine = {
  readonly engine: Engine
  readonly programs: ProgramSupply
  /** Leaves everything up for the lease, guarded by the reaper. Only containers outlive the command. */
  readonly detach?: (leaseMs: number) => void
}

/** @throws EngineError when the engine does not answer, ImageError when the reaper's image cannot be had. */
export async function openEngine(options: StackOptions): Promise<OpenedEngine> {
  const onReaperLost: ReaperLost = (error) => options.onReaperLost?.(error.message)
  if (options.engine === 'docker') return await openDocker(options, onReaperLost)
  const engine = await openProcessEngine({ runId: options.runId, onReaperLost })
  return { engine, programs: processPrograms(twinMain) }
}

async function openDocker(options: StackOptions, onReaperLost: ReaperLost): Promise<OpenedEngine> {
  // Loaded on demand: testcontainers takes 0.3 s, which a run on the process engine must not pay.
  const [{ openDockerEngine }, { findDocker }, { openImages }] = await Promise.all([
    import('../environment/docker-engine.ts'),
    import('../environment/find-docker.ts'),
    import('./images.ts'),
  ])
  const found = await findDocker()
  const images = openImages(found.docker, options.env, options.log)
  const { reference: reaperImage } = await images.reaper()
  const engine = await openDockerEngine({ runId: options.runId, reaperImage, docker: found, onReaperLost })
  return { engine, programs: containerPrograms(images), detach: (leaseMs) => engine.detach({ leaseMs }) }
}
