/**
 * Wan2GP is a Gradio app: `/config` tells the version of Gradio (it does not tell its own) and whether the protocol is
 * the one we speak. It is hundreds of kilobytes, so the live question is the queue status instead.
 */
import { ClientError } from '../errors.ts'
import { asArray, asText } from '../transport/json.ts'
import { getJson } from './get-json.ts'
import type { ServiceProbe } from './service-probe.ts'

export const probeWan2gp: ServiceProbe = {
  async discover(context) {
    const config = await getJson(context, '/config')
    if (config.protocol !== 'sse_v3' || asArray(config.dependencies).length === 0) {
      const message = 'Cannot use Wan2GP: /config does not speak "sse_v3"; is it a Gradio 5 app?'
      throw new ClientError({ errorClass: 'server', code: 'wrong-protocol', message })
    }
    return { version: asText(config.version) }
  },
  async alive(context) {
    await getJson(context, '/gradio_api/queue/status')
  },
}
