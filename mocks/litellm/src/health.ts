/**
 * Health routes. Liveliness and readiness ask nobody; `/health` needs the key and really calls every model, which
 * is why it is no container probe.
 */
import { type Call, sendJson } from '@squall/twin-kit'
import { failureFields } from './failure.ts'
import { safetyHeaders } from './headers.ts'
import { apiBase, type Model, modelId, models, upstreamModel } from './models.ts'
import type { Gateway } from './proxy-call.ts'
import { fetchJson } from './upstream.ts'
import { connectionFailure, mockRateLimit } from './upstream-failure.ts'

export function liveliness({ response }: Call): void {
  sendJson(response, 200, "I'm alive!", safetyHeaders)
}

/** Green without a database and without a working model. */
export function readiness({ response }: Call): void {
  sendJson(response, 200, { status: 'healthy', db: 'Not connected' }, safetyHeaders)
}

export function healthOptions({ response }: Call): void {
  const allowed = 'GET, OPTIONS'
  response
    .writeHead(200, {
      allow: allowed,
      'access-control-allow-methods': allowed,
      'access-control-allow-headers': '*',
      'content-length': 0,
      ...safetyHeaders,
    })
    .end()
}

/** 200 also when models are unhealthy. Missing: `?model=`, stack traces, the raw request. */
export function health(gateway: Gateway): (call: Call) => Promise<void> {
  return async ({ response }) => {
    const reports = await Promise.all(models.map((model) => examine(gateway, model)))
    const healthy = reports.filter((report) => !('error' in report))
    const unhealthy = reports.filter((report) => 'error' in report)
    const body = {
      healthy_endpoints: healthy,
      unhealthy_endpoints: unhealthy,
      healthy_count: healthy.length,
      unhealthy_count: unhealthy.length,
    }
    sendJson(response, 200, body, safetyHeaders)
  }
}

async function examine(gateway: Gateway, model: Model): Promise<object> {
  const report = {
    api_base: apiBase(model, gateway.upstreamUrl),
    model: model.target,
    model_id: modelId(model),
  }
  try {
    await ask(gateway, model)
    return report
  } catch (error) {
    const { message, status } = failureFields(error)
    return { ...report, error: message, exception_status: status }
  }
}

async function ask({ upstreamUrl, requestTimeoutMs }: Gateway, model: Model): Promise<void> {
  const { alias, answer, mode } = model
  if (answer.kind === 'rate-limit') throw mockRateLimit(alias)
  if (answer.kind === 'text') return
  if (upstreamUrl === undefined) throw connectionFailure(alias)
  const embedding = { path: '/embeddings', body: { input: ['test from litellm'] } }
  const text = {
    path: '/chat/completions',
    body: { messages: [{ role: 'user', content: 'test from litellm' }], max_tokens: 16 },
  }
  const { path, body } = mode === 'embedding' ? embedding : text
  const request = { model: upstreamModel(model), ...body }
  await fetchJson({ url: upstreamUrl + path, body: request, alias, timeoutMs: requestTimeoutMs })
}
