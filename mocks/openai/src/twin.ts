/**
 * The OpenAI-shaped upstream: what stands behind the gateway, real LiteLLM or its twin. It owns the truth about
 * every text job (accepted, started, output digest, finished), so that a verdict can tell what the gateway lost.
 * Missing: authentication (any key is taken).
 */
import { type Call, type Route, router, type Twin, type TwinDefinition } from '@squall/twin-kit'
import { chatRoute } from './chat.ts'
import { completionRoute } from './completions.ts'
import type { OpenAiContext } from './context.ts'
import { embeddingRoute } from './embeddings.ts'
import { ApiFailure, answering } from './failure.ts'
import { imageRoute } from './images.ts'
import { listModels, showModel } from './models.ts'
import { type Edge, type OpenAiPoint, openAiPoints } from './points.ts'
import { openAiSettings } from './settings.ts'

/**
 * Longer than a gateway keeps an idle connection, so that the gateway closes first, as it does against the real
 * API. With a short one a request can meet the closing socket, and an unplanned failure looks like a finding.
 */
const keepAliveMs = 600_000

/** The twin for the kit: program and tests start it from this. */
export const openAiTwin: TwinDefinition<OpenAiPoint> = {
  name: 'openai',
  points: openAiPoints,
  create: createOpenAiTwin,
}

function createOpenAiTwin(context: OpenAiContext): Twin {
  const settings = openAiSettings(context.flags)
  const { pace } = settings
  const handle = router(
    context,
    [
      route('GET', '/v1/models', 'models', listModels),
      route('GET', '/v1/models/:id', 'models', showModel),
      route('POST', '/v1/chat/completions', 'chat', chatRoute(context, settings)),
      route('POST', '/v1/completions', 'completions', completionRoute(context, settings)),
      route('POST', '/v1/embeddings', 'embeddings', embeddingRoute(context, pace)),
      route('POST', '/v1/images/generations', 'images', imageRoute(context, pace)),
    ],
    (request, response) =>
      answering(refuseUnknown)({ request, response, params: {}, query: new URLSearchParams() }),
  )
  return { handle, keepAliveMs }
}

function route(method: string, path: string, edge: Edge, handle: Route['handle']): Route {
  return { method, path, point: `openai.http.${edge}` satisfies OpenAiPoint, handle: answering(handle) }
}

function refuseUnknown({ request }: Call): void {
  const message = `Invalid URL (${request.method ?? 'GET'} ${request.url ?? '/'})`
  throw new ApiFailure({ status: 404, message })
}
