/**
 * The gateway twin: LiteLLM's proxy for machines without a container engine, checked by the same contract as the
 * real one (contract/). No database: one key, no teams, no budgets.
 */
import {
  type Fallback,
  type Route,
  router,
  seededRandom,
  sendJson,
  type Twin,
  type TwinContext,
  type TwinDefinition,
} from '@squall/twin-kit'
import { chat } from './chat.ts'
import { completions } from './completions.ts'
import { embeddingRoute } from './embeddings.ts'
import { ProxyFailure } from './failure.ts'
import type { Gateway } from './gateway.ts'
import { safetyHeaders } from './headers.ts'
import { health, healthOptions, liveliness, readiness } from './health.ts'
import { imageRoute } from './images.ts'
import { listModels, modelInfo, showModel } from './listing.ts'
import { type Edge, type LiteLlmPoint, liteLlmPoints } from './points.ts'
import { guarded, posted } from './proxy-call.ts'
import { ModelRouter } from './routing/model-router.ts'
import { gatewaySettings } from './settings.ts'
import { Slots } from './slots.ts'
import { textRoute } from './text-route.ts'

/** The twin for the kit: program and tests start it from this. */
export const liteLlmTwin: TwinDefinition<LiteLlmPoint> = {
  name: 'litellm',
  points: liteLlmPoints,
  create: createLiteLlmTwin,
}

async function createLiteLlmTwin(context: TwinContext<LiteLlmPoint>): Promise<Twin> {
  const { clock, faults } = context
  const { config, parallelMax } = await gatewaySettings(context.flags, process.env)
  const random = seededRandom(context.seed)
  const gateway: Gateway = {
    context,
    config,
    random,
    router: new ModelRouter(config, { clock, faults, random }),
    slots: new Slots(parallelMax, { faults, now: () => clock.now() }),
  }
  return {
    handle: router(context, [...openRoutes(gateway), ...guardedRoutes(gateway)], notFound),
    state: () => ({ cooling: gateway.router.cooling(), slotsTaken: gateway.slots.taken }),
  }
}

function openRoutes(gateway: Gateway): readonly Route[] {
  const paths = ['/health/liveliness', '/health/liveness', '/health/readiness']
  return paths.flatMap((path) => {
    const isReadiness = path.endsWith('readiness')
    const point = pointOf(isReadiness ? 'readiness' : 'liveliness')
    return [
      { method: 'GET', path, point, handle: isReadiness ? readiness(gateway) : liveliness },
      { method: 'OPTIONS', path, point, handle: healthOptions },
    ]
  })
}

function guardedRoutes(gateway: Gateway): readonly Route[] {
  const routes: readonly Route[] = [
    {
      method: 'GET',
      path: '/models',
      point: pointOf('models'),
      handle: guarded(gateway, listModels(gateway)),
    },
    {
      method: 'GET',
      path: '/models/:id',
      point: pointOf('models'),
      handle: guarded(gateway, showModel(gateway)),
    },
    {
      method: 'GET',
      path: '/model/info',
      point: pointOf('model-info'),
      handle: guarded(gateway, modelInfo(gateway)),
    },
    { method: 'POST', path: '/chat/completions', point: pointOf('chat'), handle: textRoute(gateway, chat) },
    {
      method: 'POST',
      path: '/completions',
      point: pointOf('completions'),
      handle: textRoute(gateway, completions),
    },
    { method: 'POST', path: '/embeddings', point: pointOf('embeddings'), handle: embeddingRoute(gateway) },
    { method: 'POST', path: '/images/generations', point: pointOf('images'), handle: imageRoute(gateway) },
  ]
  const both = routes.flatMap((route) => [route, { ...route, path: `/v1${route.path}` }])
  return [
    ...both,
    { method: 'GET', path: '/health', point: pointOf('health'), handle: guarded(gateway, health(gateway)) },
    {
      method: 'POST',
      path: '/key/generate',
      point: pointOf('keys'),
      handle: posted(gateway, 'bare', refuseKey),
    },
  ]
}

function pointOf(edge: Edge): LiteLlmPoint {
  return `litellm.http.${edge}`
}

/** Virtual keys live in a database, which this proxy never has. The message is a Python dict as text. */
function refuseKey(): void {
  const advice =
    'This endpoint needs a database; set DATABASE_URL to a PostgreSQL connection string (postgresql://...) ' +
    'to enable it. See https://docs.litellm.ai/docs/proxy/virtual_keys'
  const message = `{'error': 'DB not connected. ${advice}'}`
  throw new ProxyFailure({ status: 500, message, type: 'internal_server_error', param: 'None' })
}

/** FastAPI's own answers, in FastAPI's own shape: it knows of one method per path only. A path with one slash too many is sent to the right one. */
const notFound: Fallback = ({ url = '/', headers: { host = '' } }, response, allowed) => {
  const [path = '/', query] = url.split('?')
  if (allowed.length > 0) {
    sendJson(response, 405, { detail: 'Method Not Allowed' }, { ...safetyHeaders, allow: allowed[0] })
  } else if (path.length > 1 && path.endsWith('/')) {
    const location = `http://${host}${path.slice(0, -1)}${query === undefined ? '' : `?${query}`}`
    response.writeHead(307, { 'content-length': 0, location, ...safetyHeaders }).end()
  } else sendJson(response, 404, { detail: 'Not Found' }, safetyHeaders)
}
