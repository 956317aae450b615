/** The images of a run: each is looked for once, however many services ask; what is slow says so. */
import { type FoundDocker, findDocker } from '../environment/find-docker.ts'
import { namedImage } from '../environment/images/choose-image.ts'
import type { ImageOptions, ResolvedImage } from '../environment/images/image.ts'
import { litellmImage } from '../environment/images/litellm-image.ts'
import { netemImage } from '../environment/images/netem-image.ts'
import { projectFolder } from '../environment/images/project-folder.ts'
import { reaperImage, twinsImage } from '../environment/images/twins-image.ts'
import type { ImageSource } from '../services/programs.ts'
import { resolveSource } from '../services/source.ts'
import { messageOf } from '../support/errors.ts'
import type { Log } from '../support/log.ts'

export type Images = ImageSource & {
  reaper(): Promise<ResolvedImage>
  /** That of the agent which impairs networks. */
  netem(): Promise<ResolvedImage>
}

type Environment = Readonly<Record<string, string | undefined>>

export function openImages(docker: FoundDocker['docker'], env: Environment, log: Log): Images {
  const options = imageOptions(env, log)
  return {
    reaper: once(() => reaperImage(docker, options)),
    netem: once(() => netemImage(docker, options)),
    twins: once(() => twinsImage(docker, options)),
    litellm: once(() => litellmImage(docker, options)),
    named: (reference) => namedImage(docker, reference, options),
  }
}

/**
 * Gets every image that a whole stack needs, so that no test spends its time limit on a build.
 * @throws EngineError when no engine answers, ImageError with the build's log.
 */
export async function prepareImages(env: Environment, log: Log): Promise<readonly ResolvedImage[]> {
  const { docker } = await findDocker()
  const images = openImages(docker, env, log)
  // One after the other: two builds at once are slower on two cores, and their progress lines would mix.
  const ready = [await images.reaper(), await images.twins()]
  if (resolveSource('litellm', 'auto', 'docker', env).kind === 'litellm-image')
    ready.push(await images.litellm())
  // Only plans that impair networks need it; each of them says why it cannot be had.
  const agent = await images.netem().catch((error: unknown) => log.warn(`squall: ${messageOf(error)}`))
  return agent === undefined ? ready : [...ready, agent]
}

/** Where images come from and what is said meanwhile. */
export function imageOptions(env: Environment, log: Log): ImageOptions {
  return { env, cacheFolder: `${projectFolder}.cache`, onProgress: (line) => log.progress(`squall: ${line}`) }
}

/** Several services ask for the same image at the same time; it is looked for once. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}
