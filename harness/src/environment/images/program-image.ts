/**
 * An image of bundled programs on the Node base. Its tag is a hash of all that is in it (Dockerfile, scripts, base),
 * so an unchanged source costs one look into the engine and a changed one can never run stale.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { noteUse, pruneImages } from '@squall/netem'
import type Docker from 'dockerode'
import { bundleProgram } from './bundle.ts'
import { type ImageRecipe, planImage, resolveImage } from './choose-image.ts'
import { contentHash } from './content-hash.ts'
import { buildImage, imageId } from './engine-images.ts'
import { nodeBaseRecipe } from './host-node.ts'
import { ImageError, type ImageOptions, type ImagePlan, type ResolvedImage } from './image.ts'
import { projectFolder } from './project-folder.ts'
import type { TarFiles } from './tar.ts'

export type ProgramImage = {
  /** Also the folder of its Dockerfile in compose/, and the value of the image's label. */
  readonly name: 'twins' | 'reaper'
  /** Script name → absolute path of its main file. */
  readonly programs: Readonly<Record<string, string>>
  /** Instead of the project's own Dockerfile; for tests. */
  readonly dockerfile?: string
}

/** @throws ImageError: a program that cannot be bundled, a build that fails (with its log), no base. */
export async function programImage(
  docker: Docker,
  image: ProgramImage,
  options: ImageOptions,
): Promise<ResolvedImage> {
  const files = await contextFiles(image, options)
  const recipe = await nodeBaseRecipe(docker)
  const base = await resolveImage(docker, recipe, options)
  const reference = await tagOf(docker, image, files, base, recipe)
  const detail = `on ${base.reference} (${base.how}: ${base.detail})`
  if (await noteUse(docker, reference)) return { reference, how: 'present', detail }
  await buildImage(docker, {
    name: image.name,
    reference,
    files,
    args: { BASE_IMAGE: base.reference },
    advice: `see compose/${image.name}/Dockerfile, or set SQUALL_BASE_IMAGE to an image with Node 24`,
  })
  await pruneImages(docker, { kind: image.name, current: reference })
  return { reference, how: 'built', detail }
}

/** What `programImage` would give. Bundles, because the tag follows from it, but builds nothing. */
export async function planProgramImage(
  docker: Docker,
  image: ProgramImage,
  options: ImageOptions,
): Promise<ImagePlan> {
  const recipe = await nodeBaseRecipe(docker)
  const base = await planImage(docker, recipe, options)
  const detail = `on ${base.reference} (${base.how}: ${base.detail})`
  if (!base.present) return { reference: `squall-${image.name}`, how: 'built', present: false, detail }
  const reference = await tagOf(docker, image, await contextFiles(image, options), base, recipe)
  const present = (await imageId(docker, reference)) !== undefined
  return { reference, how: present ? 'present' : 'built', present, detail }
}

async function contextFiles(image: ProgramImage, options: ImageOptions): Promise<TarFiles> {
  const dockerfile =
    image.dockerfile ?? (await readFile(join(projectFolder, 'compose', image.name, 'Dockerfile'), 'utf8'))
  const scripts = await Promise.all(
    Object.entries(image.programs).map(async ([name, main]) => {
      const folder = join(options.cacheFolder, 'bundles')
      const script = await bundleProgram({
        name,
        main,
        folder,
        lockFiles: [join(projectFolder, 'pnpm-lock.yaml')],
      })
      return [`app/${name}.mjs`, script] as const
    }),
  )
  return { Dockerfile: dockerfile, 'data/': '', ...Object.fromEntries(scripts) }
}

/** A base made here is its tag, which says all it is made of; any other tag can move, so its id counts. */
async function tagOf(
  docker: Docker,
  image: ProgramImage,
  files: TarFiles,
  base: ResolvedImage,
  recipe: ImageRecipe,
): Promise<string> {
  const basis = base.reference === recipe.local ? base.reference : await imageId(docker, base.reference)
  if (basis === undefined) throw new ImageError(`Cannot use base ${base.reference}: it is gone; start again`)
  return `squall-${image.name}:${contentHash({ ...files, basis })}`
}
