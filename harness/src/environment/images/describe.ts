/** For `squall doctor`: which images a run would use and where from. Builds and pulls nothing. */
import type Docker from 'dockerode'
import { planImage } from './choose-image.ts'
import { nodeBaseRecipe } from './host-node.ts'
import type { ImageOptions, ImagePlan } from './image.ts'
import { litellmRecipe } from './litellm-image.ts'
import { planNetemImage } from './netem-image.ts'
import { planProgramImage } from './program-image.ts'
import { reaperProgram, twinsProgram } from './twins-image.ts'

export type ImageDescription = ImagePlan & {
  readonly name: 'base' | 'twins' | 'reaper' | 'netem' | 'litellm'
}

/** @throws ImageError when a twin cannot be bundled; an error of the engine when it does not answer. */
export async function describeImages(docker: Docker, options: ImageOptions): Promise<ImageDescription[]> {
  const [base, twins, reaper, netem, litellm] = await Promise.all([
    nodeBaseRecipe(docker).then((recipe) => planImage(docker, recipe, options)),
    planProgramImage(docker, twinsProgram(), options),
    planProgramImage(docker, reaperProgram(), options),
    planNetemImage(docker, options),
    litellmRecipe(docker, options).then((recipe) => planImage(docker, recipe, options)),
  ])
  return [
    { name: 'base', ...base },
    { name: 'twins', ...twins },
    { name: 'reaper', ...reaper },
    { name: 'netem', ...netem },
    { name: 'litellm', ...litellm },
  ]
}
