/**
 * The real LiteLLM: the image its makers publish, or one built from its published Python package. Both take the
 * arguments of the `litellm` command. Recipe of the second: compose/litellm.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type Docker from 'dockerode'
import { type ImageRecipe, resolveImage } from './choose-image.ts'
import { contentHash } from './content-hash.ts'
import { buildImage, removeUnnamed } from './engine-images.ts'
import { pipArgs, proxyArgs, trustedAuthorities } from './host-ways-out.ts'
import { ImageError, type ImageOptions, type ResolvedImage } from './image.ts'
import { projectFolder } from './project-folder.ts'
import { pythonBaseRecipe } from './python-base.ts'

const recipeFolder = join(projectFolder, 'compose/litellm')
const recipeFiles = ['Dockerfile', 'requirements.txt', 'install.py', 'start.py'] as const
const advice =
  'set SQUALL_LITELLM_IMAGE to an image of LiteLLM, or use SQUALL_ENGINE=process (a twin stands in)'

/** @throws ImageError, with the log of the build if there was one. */
export async function litellmImage(docker: Docker, options: ImageOptions): Promise<ResolvedImage> {
  return await resolveImage(docker, await litellmRecipe(docker, options), options)
}

export async function litellmRecipe(docker: Docker, options: ImageOptions): Promise<ImageRecipe> {
  const files = await readRecipe()
  const version = /^litellm==(\S+)$/m.exec(files['requirements.txt'] ?? '')?.[1]
  if (version === undefined)
    throw new ImageError('Cannot build image litellm: requirements.txt pins no litellm; add it')
  const base = pythonBaseRecipe(docker, options, advice)
  const basis = options.env[base.variable] ?? base.local
  const local = `squall-litellm:${version}-${contentHash({ ...files, basis })}`
  return {
    variable: 'SQUALL_LITELLM_IMAGE',
    published: `ghcr.io/berriai/litellm:${version}`,
    local,
    progress: `building the LiteLLM ${version} image from its Python package (about 1 min, once)`,
    source: `the Python package litellm ${version}`,
    make: async () => {
      const { reference } = await resolveImage(docker, base, options)
      const args = {
        PYTHON_BASE_IMAGE: reference,
        ...proxyArgs(options.env),
        ...(await pipArgs(options.env)),
      }
      const context = { ...files, 'ca.crt': trustedAuthorities() }
      try {
        await buildImage(docker, {
          name: 'litellm',
          reference: local,
          files: context,
          args,
          network: 'host',
          advice,
        })
      } finally {
        await removeUnnamed(docker, 'litellm-install')
      }
    },
  }
}

async function readRecipe(): Promise<Record<string, string>> {
  const texts = await Promise.all(
    recipeFiles.map(async (name) => [name, await readFile(join(recipeFolder, name), 'utf8')] as const),
  )
  return Object.fromEntries(texts)
}
