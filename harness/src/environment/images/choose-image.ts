/**
 * The one order in which an image is looked for:
 *
 *   named by a variable → published, already present → made here earlier → pulled, where a registry answers → made here
 *
 * What was made here earlier comes before the registry on purpose: asking costs up to two seconds on a network that
 * drops packets, at each start, and would change the base under an image that is fine.
 */
import type Docker from 'dockerode'
import { messageOf } from '../../support/errors.ts'
import { imageId, pullImage } from './engine-images.ts'
import { ImageError, type ImageOptions, type ImagePlan, type ResolvedImage } from './image.ts'
import { registryAnswers, registryHost } from './registry-probe.ts'

export type ImageRecipe = {
  /** Environment variable that names an image instead. */
  readonly variable: string
  /** The image its makers publish; pinned. */
  readonly published: string
  /** Tag of what is made here; changes with everything it is made of. */
  readonly local: string
  /** Shown when `make` begins: "building ... (about 1 min, once)". */
  readonly progress: string
  /** What it would be made from, for people. */
  readonly source: string
  /** Makes `local`. @throws ImageError */
  make(): Promise<void>
}

/** What `resolveImage` would do. Looks into the engine and, at most, at a registry; changes nothing. */
export async function planImage(
  docker: Docker,
  recipe: ImageRecipe,
  options: ImageOptions,
): Promise<ImagePlan> {
  const { variable, published, local } = recipe
  const named = options.env[variable]
  if (named) return planNamed(docker, named, `named by ${variable}`)
  if ((await imageId(docker, published)) !== undefined) {
    return {
      reference: published,
      how: 'present',
      present: true,
      detail: 'published image, in the engine already',
    }
  }
  if ((await imageId(docker, local)) !== undefined) {
    return {
      reference: local,
      how: 'present',
      present: true,
      detail: `made here earlier from ${recipe.source}`,
    }
  }
  const host = registryHost(published)
  if (await registryAnswers(published, options)) {
    return { reference: published, how: 'pulled', present: false, detail: `${host} answers` }
  }
  return {
    reference: local,
    how: 'built',
    present: false,
    detail: `${host} does not answer; made here from ${recipe.source}`,
  }
}

/** @throws ImageError when a named image cannot be had, or when the last resort, making it here, fails. */
export async function resolveImage(
  docker: Docker,
  recipe: ImageRecipe,
  options: ImageOptions,
): Promise<ResolvedImage> {
  const { present, ...plan } = await planImage(docker, recipe, options)
  if (present) return plan
  if (plan.how === 'named')
    return await fetchNamed(docker, plan, `correct ${recipe.variable} or unset it`, options)
  if (plan.how === 'built') return await make(recipe, plan, options)
  options.onProgress(`pulling ${plan.reference}`)
  try {
    await pullImage(docker, plan.reference)
    return plan
  } catch (error) {
    // The engine goes its own way to the registry, and a tag may be gone: neither may stop the run.
    const detail = `made here from ${recipe.source}, because: ${messageOf(error)}`
    return await make(recipe, { reference: recipe.local, how: 'built', detail }, options)
  }
}

/** An image the user names: as it is, fetched when absent. @throws ImageError */
export async function namedImage(
  docker: Docker,
  reference: string,
  options: Pick<ImageOptions, 'onProgress'>,
): Promise<ResolvedImage> {
  const { present, ...plan } = await planNamed(docker, reference, 'named')
  return present ? plan : await fetchNamed(docker, plan, 'correct the name', options)
}

async function planNamed(docker: Docker, reference: string, detail: string): Promise<ImagePlan> {
  const present = (await imageId(docker, reference)) !== undefined
  return { reference, how: 'named', present, detail }
}

async function fetchNamed(
  docker: Docker,
  plan: ResolvedImage,
  advice: string,
  options: Pick<ImageOptions, 'onProgress'>,
): Promise<ResolvedImage> {
  options.onProgress(`pulling ${plan.reference}`)
  try {
    await pullImage(docker, plan.reference)
    return plan
  } catch (error) {
    throw new ImageError(
      `Cannot use image ${plan.reference}: it is not in the engine and cannot be pulled (${messageOf(error)}); ${advice}`,
      { cause: error },
    )
  }
}

async function make(recipe: ImageRecipe, plan: ResolvedImage, options: ImageOptions): Promise<ResolvedImage> {
  options.onProgress(recipe.progress)
  await recipe.make()
  return plan
}
