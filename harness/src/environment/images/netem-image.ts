/**
 * The image of netem's agent. netem makes it itself, from this machine's Node and, where they are installed, tc and
 * ip: the kernel rung needs them, and the base of the twins has neither.
 */
import { agentImage, agentReference, noteUse } from '@squall/netem'
import type Docker from 'dockerode'
import { messageOf } from '../../support/errors.ts'
import { imageId } from './engine-images.ts'
import { ImageError, type ImageOptions, type ImagePlan, type ResolvedImage } from './image.ts'

/** Names a base with Node 24, and with iproute2 for the kernel rung. */
const variable = 'SQUALL_NETEM_BASE_IMAGE'

/** @throws ImageError */
export async function netemImage(docker: Docker, options: ImageOptions): Promise<ResolvedImage> {
  const { present, ...plan } = await planNetemImage(docker, options)
  if (present && (await noteUse(docker, plan.reference))) return plan
  const { onProgress } = options
  try {
    const reference = await agentImage(docker, { base: baseOf(options), baseOption: variable, onProgress })
    return { ...plan, reference }
  } catch (cause) {
    throw new ImageError(messageOf(cause), { cause })
  }
}

/** What `netemImage` would give; changes nothing. */
export async function planNetemImage(docker: Docker, options: ImageOptions): Promise<ImagePlan> {
  const base = baseOf(options)
  const reference = await agentReference(base)
  const present = (await imageId(docker, reference)) !== undefined
  const detail = base === undefined ? "on this machine's Node, tc and ip" : `on ${base}, named by ${variable}`
  return { reference, how: present ? 'present' : 'built', present, detail }
}

function baseOf({ env }: ImageOptions): string | undefined {
  return env[variable] || undefined
}
