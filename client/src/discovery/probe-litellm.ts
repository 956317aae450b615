/**
 * LiteLLM: `/health/readiness` needs no key, says `healthy` or `connected`, and is green even with every model down.
 * `/v1/models` shows that our key is taken. `/health` calls every model for real and is no probe.
 */
import { ClientError } from '../errors.ts'
import { asArray, asText, type JsonObject } from '../transport/json.ts'
import { getJson } from './get-json.ts'
import type { ProbeContext, ServiceProbe } from './service-probe.ts'

export const probeLitellm: ServiceProbe = {
  async discover(context) {
    const readiness = await ready(context)
    const headers = context.litellmKey === undefined ? {} : { authorization: `Bearer ${context.litellmKey}` }
    const models = await getJson(context, '/v1/models', headers)
    if (asArray(models.data).length === 0) {
      const message = 'Cannot use LiteLLM: it lists no models for this key; check its configuration'
      throw new ClientError({ errorClass: 'validation', code: 'no-models', message })
    }
    return { version: asText(readiness.litellm_version) }
  },
  async alive(context) {
    await ready(context)
  },
}

async function ready(context: ProbeContext): Promise<JsonObject> {
  const readiness = await getJson(context, '/health/readiness')
  if (readiness.status !== 'healthy' && readiness.status !== 'connected') {
    const message = 'Cannot use LiteLLM: its readiness is neither "healthy" nor "connected"; see its log'
    throw new ClientError({ errorClass: 'server', code: 'not-ready', message })
  }
  return readiness
}
