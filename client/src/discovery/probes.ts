/** Every service's probe. A service without one does not compile. */
import type { ServiceName } from '../endpoint.ts'
import { probeComfyui } from './probe-comfyui.ts'
import { probeLitellm } from './probe-litellm.ts'
import { probeWan2gp } from './probe-wan2gp.ts'
import type { ServiceProbe } from './service-probe.ts'

export const probes: Readonly<Record<ServiceName, ServiceProbe>> = {
  comfyui: probeComfyui,
  litellm: probeLitellm,
  wan2gp: probeWan2gp,
}
