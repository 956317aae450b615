/** Every service by its id. An id without an entry does not compile. */
import { comfyui } from './comfyui.ts'
import type { ServiceDefinition } from './definition.ts'
import { litellm } from './litellm.ts'
import type { ServiceId } from './service.ts'
import { upstream } from './upstream.ts'
import { wan2gp } from './wan2gp.ts'

export const serviceCatalog: { readonly [Id in ServiceId]: ServiceDefinition } = {
  comfyui,
  litellm,
  wan2gp,
  upstream,
}
