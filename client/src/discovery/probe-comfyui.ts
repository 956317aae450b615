/** ComfyUI tells its version on `/system_stats`; `/prompt` (GET) is the smallest live answer: the queue length. */
import { ClientError } from '../errors.ts'
import { asObject, asText } from '../transport/json.ts'
import { getJson } from './get-json.ts'
import type { ServiceProbe } from './service-probe.ts'

export const probeComfyui: ServiceProbe = {
  async discover(context) {
    const stats = await getJson(context, '/system_stats')
    const version = asText(asObject(stats.system).comfyui_version)
    if (stats.system === undefined) {
      const message = 'Cannot use ComfyUI: /system_stats has no "system"; is this address really ComfyUI?'
      throw new ClientError({ errorClass: 'server', code: 'not-comfyui', message })
    }
    return { version }
  },
  async alive(context) {
    await getJson(context, '/prompt')
  },
}
