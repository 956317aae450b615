/** The images the docker tests of this folder need, made once per engine. */
import { join } from 'node:path'
import type Dockerode from 'dockerode'
import { resolveImage } from './images/choose-image.ts'
import { nodeBaseRecipe } from './images/host-node.ts'
import { netemImage } from './images/netem-image.ts'
import { projectFolder } from './images/project-folder.ts'
import { reaperImage } from './images/twins-image.ts'

/** `node` has Node and nothing else: its command begins with "node". `agent` is made when it is asked for. */
export async function contractImages(
  docker: Dockerode,
): Promise<{ reaper: string; node: string; agent: () => Promise<string> }> {
  const cacheFolder = join(projectFolder, '.cache', 'images')
  const options = { env: process.env, cacheFolder, onProgress: () => undefined }
  const reaper = await reaperImage(docker, options)
  const node = await resolveImage(docker, await nodeBaseRecipe(docker), options)
  const agent = async () => (await netemImage(docker, options)).reference
  return { reaper: reaper.reference, node: node.reference, agent }
}
