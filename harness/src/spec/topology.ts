/**
 * Which services an experiment asks for, and what stands behind each of them.
 * Environment variables (`SQUALL_<SERVICE>_IMAGE`, `SQUALL_<SERVICE>_URL`) replace `auto` without touching a test.
 */
import { z } from 'zod'

export const serviceNames = ['comfyui', 'litellm', 'wan2gp'] as const
export type ServiceName = (typeof serviceNames)[number]

/**
 * - `auto`: the environment variable if set; else the real LiteLLM on the docker engine, and twins for the rest
 * - `twin`: Squall's own faithful server
 * - `{ image }`: a real server from this image (docker engine only)
 * - `{ url }`: something that already runs; Squall never harms it
 */
const serviceSource = z.union(
  [
    z.enum(['auto', 'twin']),
    z.strictObject({ image: z.string().min(1) }),
    z.strictObject({ url: z.url({ protocol: /^https?$/ }) }),
  ],
  { error: 'use auto, twin, { image: NAME } or { url: http://HOST:PORT }' },
)
export type ServiceSource = z.infer<typeof serviceSource>

export const topologySchema = z
  .strictObject({
    comfyui: serviceSource.optional(),
    litellm: serviceSource.optional(),
    wan2gp: serviceSource.optional(),
  })
  .refine((topology) => Object.values(topology).some((source) => source !== undefined), {
    error: `name at least one service: ${serviceNames.join(', ')}`,
  })
export type Topology = z.infer<typeof topologySchema>

/** The services of a topology, in a fixed order. */
export function servicesOf(topology: Topology): ServiceName[] {
  return serviceNames.filter((name) => topology[name] !== undefined)
}
