/** Opens the engine of a run, and says how programs are got for it: images for containers, scripts for processes. */
import { join } from 'node:path'
import { openDockerEngine } from '../environment/docker-engine.ts'
import type { Engine } from '../environment/engine.ts'
import type { ReaperLost } from '../environment/engine-error.ts'
import { findDocker } from '../environment/find-docker.ts'
import { namedImage } from '../environment/images/choose-image.ts'
import type { ImageOptions } from '../environment/images/image.ts'
import { litellmImage } from '../environment/images/litellm-image.ts'
import { projectFolder } from '../environment/images/project-folder.ts'
import { reaperImage, twinMain, twinsImage } from '../environment/images/twins-image.ts'
import { openProcessEngine } from '../environment/process-engine.ts'
import { containerPrograms, type ProgramSupply, processPrograms } from '../services/programs.ts'
import type { Log } from '../support/log.ts'
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
  const found = await findDocker()
  const images = imageOptions(options.env, options.log)
  const reaper = await reaperImage(found.docker, images)
  const engine = await openDockerEngine({
    runId: options.runId,
    reaperImage: reaper.reference,
    docker: found,
    onReaperLost,
  })
  const programs = containerPrograms({
    twins: once(() => twinsImage(found.docker, images)),
    litellm: once(() => litellmImage(found.docker, images)),
    named: (reference) => namedImage(found.docker, reference, images),
  })
  return { engine, programs, detach: (leaseMs) => engine.detach({ leaseMs }) }
}

/** Where images come from and what is said meanwhile. */
export function imageOptions(env: StackOptions['env'], log: Log): ImageOptions {
  return {
    env,
    cacheFolder: join(projectFolder, '.cache', 'images'),
    onProgress: (line) => log.progress(`  ${line}`),
  }
}

/** Several services ask for the same image at the same time; it is looked for once. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}
