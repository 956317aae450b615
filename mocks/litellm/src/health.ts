/**
 * Health routes. Liveliness and readiness ask nobody; `/health` needs the key and really calls every model, which
 * is why it is no container probe.
 */
import { type Call, sendJson } from '@squall/twin-kit'
import { type Deployment, deploymentSwitches, shownApiBase, upstreamModel } from './config/deployment.ts'
import { failureFields } from './failure.ts'
import type { Gateway } from './gateway.ts'
import { safetyHeaders } from './headers.ts'
import { askMock } from './mock-answer.ts'
import { withPackageRetries } from './package-retries.ts'
import { ModelFailure } from './routing/model-failure.ts'
import { fetchJson } from './upstream.ts'

export function liveliness({ response }: Call): void {
  sendJson(response, 200, "I'm alive!", safetyHeaders)
}

/** What the real proxy tells of itself with the configuration of compose. */
const ownDetails = {
  success_callbacks: [
    'sync_deployment_callback_on_success',
    'SkillsInjectionHook',
    '_PROXY_VirtualKeyModelMaxBudgetLimiter',
    '_PROXY_MaxBudgetLimiter',
    '_PROXY_MaxParallelRequestsHandler_v3',
    '_PROXY_CacheControlCheck',
    'ResponsesIDSecurity',
    '_PROXY_MaxIterationsHandler',
    '_PROXY_MaxBudgetPerSessionHandler',
    '_PROXY_SensitiveDataRoutingHandler',
    'ServiceLogging',
  ],
  use_aiohttp_transport: true,
  log_level: 'WARNING',
  is_detailed_debug: false,
  show_no_redis_warning: true,
}

/** Green without a database and without a working model. */
export function readiness({ config, context }: Gateway): (call: Call) => Promise<void> {
  const details = { cache: null, litellm_version: config.release.version, ...ownDetails }
  const state = { status: 'healthy', db: 'Not connected', ...(config.showsReadinessDetails && details) }
  return async ({ response }) => {
    const outcome = await context.faults.step('litellm.readiness.check')
    const isDown = outcome.kind === 'fail'
    const down = { detail: 'Service Unhealthy (database connection failed)' }
    sendJson(response, isDown ? 503 : 200, isDown ? down : state, safetyHeaders)
  }
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

/** 200 also when models are unhealthy, 503 only when no model has the name. Missing: stack traces, the raw request. */
export function health(gateway: Gateway): (call: Call) => Promise<void> {
  const { deployments } = gateway.config
  return async ({ response, query }) => {
    const [name, id] = [query.get('model'), query.get('model_id')]
    const named = deployments.filter((one) => name === null || name === one.alias || name === one.target)
    const asked = named.filter((one) => id === null || one.id === id)
    if (id !== null && asked.length === 0) {
      sendJson(response, 404, { detail: { error: `Model with ID ${id} not found` } }, safetyHeaders)
      return
    }
    const reports = await Promise.all(asked.map((deployment) => examine(gateway, deployment)))
    const healthy = reports.filter((report) => !('error' in report))
    const unhealthy = reports.filter((report) => 'error' in report)
    const body = {
      healthy_endpoints: healthy,
      unhealthy_endpoints: unhealthy,
      healthy_count: healthy.length,
      unhealthy_count: unhealthy.length,
    }
    sendJson(response, asked.length === 0 ? 503 : 200, body, safetyHeaders)
  }
}

async function examine(gateway: Gateway, deployment: Deployment): Promise<object> {
  const report = {
    ...(deployment.mock === undefined && { api_base: shownApiBase(deployment) }),
    ...deploymentSwitches,
    ...(deployment.mock !== undefined && { mock_response: deployment.mock.response }),
    model: deployment.target,
    ...(modeOf(gateway, deployment) === undefined && { max_tokens: 16 }),
    ...(deployment.cooldownSeconds !== undefined && { cooldown_time: deployment.cooldownSeconds }),
    cache: { 'no-cache': true },
    model_id: deployment.id,
  }
  try {
    const outcome = await gateway.context.faults.step('litellm.health.check', { model: deployment.alias })
    if (outcome.kind === 'fail') throw unhealthy()
    if (outcome.kind === 'go') await ask(gateway, deployment)
    return report
  } catch (error) {
    const { message, status } = failureFields(error)
    return { ...report, error: message, exception_status: status }
  }
}

/** LiteLLM keeps what it knows of models by their target: one deployment's mode is also its namesakes'. */
function modeOf({ config }: Gateway, { mode, target }: Deployment): string | undefined {
  return mode ?? config.deployments.findLast((one) => one.target === target && one.mode !== undefined)?.mode
}

function unhealthy(): ModelFailure {
  const said = 'litellm.InternalServerError: InternalServerError: OpenAIException - Connection error.'
  return new ModelFailure({ name: 'InternalServerError', status: 500, said, type: 'internal_server_error' })
}

const messages = [{ role: 'user', content: 'test from litellm' }]
const probes = {
  embedding: { path: '/embeddings', body: { input: ['test from litellm'] } },
  image_generation: { path: '/images/generations', body: { prompt: 'test from litellm' } },
  chat: { path: '/chat/completions', body: { messages, max_tokens: 16 } },
} as const

async function ask(gateway: Gateway, deployment: Deployment): Promise<void> {
  const provider = 'OpenAIException'
  const timeoutMs = deployment.timeoutMs ?? gateway.config.requestTimeoutMs
  const { mock, mode, apiBase, apiKey, timeoutMs: ownTimeoutMs } = deployment
  if (mock !== undefined) {
    await askMock(gateway, {
      mock,
      deployment,
      provider,
      stream: false,
      timeoutMs,
      delayMs: 0,
      timesOut: false,
    })
    return
  }
  const { path, body } =
    mode !== undefined && mode in probes ? probes[mode as keyof typeof probes] : probes.chat
  await withPackageRetries(gateway, () =>
    fetchJson(gateway, {
      url: apiBase === undefined ? undefined : apiBase + path,
      body: { model: upstreamModel(deployment), ...body },
      apiKey,
      provider,
      wording: 'message',
      isBrief: true,
      isBroken: false,
      timeoutMs,
      ownTimeoutMs,
    }),
  )
}
