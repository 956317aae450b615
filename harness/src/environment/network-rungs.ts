/**
 * Which rungs of netem an engine offers: tried out once by the agent, in a container of its own, and kept per engine.
 * Another kernel or another agent is another question.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Finding, probeEngine } from '@squall/netem'
import type Docker from 'dockerode'
import { contentHash } from './images/content-hash.ts'
import type { ImageOptions } from './images/image.ts'
import { netemImage, planNetemImage } from './images/netem-image.ts'

/** What was found out earlier; undefined when it was not tried out yet. Starts nothing. */
export async function knownRungs(
  docker: Docker,
  options: ImageOptions,
): Promise<readonly Finding[] | undefined> {
  try {
    return JSON.parse(await readFile(await fileFor(docker, options), 'utf8')) as readonly Finding[]
  } catch {
    return undefined
  }
}

/** Tries it out unless it is known; makes the image of the agent if need be. @throws ImageError, NetemError */
export async function networkRungs(docker: Docker, options: ImageOptions): Promise<readonly Finding[]> {
  const known = await knownRungs(docker, options)
  if (known !== undefined) return known
  const { reference } = await netemImage(docker, options)
  const findings = await probeEngine(docker, reference)
  const file = await fileFor(docker, options)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, JSON.stringify(findings, null, 1))
  return findings
}

async function fileFor(docker: Docker, options: ImageOptions): Promise<string> {
  const [info, { reference }] = await Promise.all([docker.info(), planNetemImage(docker, options)])
  const { ID: id, KernelVersion: kernel } = info as { ID: string; KernelVersion: string }
  return join(options.cacheFolder, 'network-rungs', `${contentHash({ id, kernel, reference })}.json`)
}
