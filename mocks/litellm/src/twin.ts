/**
 * The gateway twin: LiteLLM's proxy for machines without a container engine, checked by the same contract as the
 * real one (contract/). Thin: one deployment per model, no database, no router.
 */
import { type Fallback, type Route, router, sendJson, type Twin, type TwinContext } from '@squall/twin-kit'
import { chat } from './chat.ts'
import { completions } from './completions.ts'
import { embeddingRoute } from './embeddings.ts'
import { ProxyFailure } from './failure.ts'
import { safetyHeaders } from './headers.ts'
import { health, healthOptions, liveliness, readiness } from './health.ts'
import { listModels, modelInfo, showModel } from './listing.ts'
import { type Gateway, guarded, posted } from './proxy-call.ts'
import { gatewaySettings } from './settings.ts'
import { textRoute } from './text-route.ts'

export function createLiteLlmTwin(context: TwinContext): Twin {
  const gateway: Gateway = { ...gatewaySettings(context.flags, process.env), context }
  return { handle: router(context, [...openRoutes, ...guardedRoutes(gateway)], notFound) }
}

const openRoutes: readonly Route[] = ['/health/liveliness', '/health/liveness', '/health/readiness'].flatMap(
  (path) => [
    { method: 'GET', path, handle: path.endsWith('readiness') ? readiness : liveliness },
    { method: 'OPTIONS', path, handle: healthOptions },
  ],
)

function guardedRoutes(gateway: Gateway): readonly Route[] {
  const routes: readonly Route[] = [
    { method: 'GET', path: '/models', handle: guarded(gateway, listModels) },
    { method: 'GET', path: '/models/:id', handle: guarded(gateway, showModel) },
    { method: 'GET', path: '/model/info', handle: guarded(gateway, modelInfo(gateway)) },
    { method: 'POST', path: '/chat/completions', handle: textRoute(gateway, chat) },
    { method: 'POST', path: '/completions', handle: textRoute(gateway, completions) },
    { method: 'POST', path: '/embeddings', handle: embeddingRoute(gateway) },
  ]
  const both = routes.flatMap((route) => [route, { ...route, path: `/v1${route.path}` }])
  return [
    ...both,
    { method: 'GET', path: '/health', handle: guarded(gateway, health(gateway)) },
    { method: 'POST', path: '/key/generate', handle: posted(gateway, refuseKey) },
  ]
}

/** Virtual keys live in a database, which this proxy never has. The message is a Python dict as text. */
function refuseKey(): void {
  const advice =
    'This endpoint needs a database; set DATABASE_URL to a PostgreSQL connection string (postgresql://...) ' +
    'to enable it. See https://docs.litellm.ai/docs/proxy/virtual_keys'
  const message = `{'error': 'DB not connected. ${advice}'}`
  throw new ProxyFailure({ status: 500, message, type: 'internal_server_error', param: 'None' })
}

/** FastAPI's own answers, in FastAPI's own shape. */
const notFound: Fallback = (_request, response, allowed) => {
  if (allowed.length === 0) sendJson(response, 404, { detail: 'Not Found' }, safetyHeaders)
  else {
    const headers = { ...safetyHeaders, allow: allowed.join(', ') }
    sendJson(response, 405, { detail: 'Method Not Allowed' }, headers)
  }
}
