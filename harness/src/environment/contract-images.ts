/** The images the docker tests of this folder need, made once per engine. */
import { join } from 'node:path'
import type Dockerode from 'dockerode'
import { resolveImage } from './images/choose-image.ts'
import { nodeBaseRecipe } from './images/host-node.ts'
import { projectFolder } from './images/project-folder.ts'
import { reaperImage } from './images/twins-image.ts'

/** `node` has Node and nothing else: its command begins with "node". */
export async function contractImages(docker: Dockerode): Promise<{ reaper: string; node: string }> {
  const cacheFolder = join(projectFolder, '.cache', 'images')
  const options = { env: process.env, cacheFolder, onProgress: () => undefined }
  const reaper = await reaperImage(docker, options)
  const node = await resolveImage(docker, await nodeBaseRecipe(docker), options)
  return { reaper: reaper.reference, node: node.reference }
}
