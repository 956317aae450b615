/**
 * The OpenAI-shaped upstream: what stands behind the gateway, real LiteLLM or its twin. It owns the truth about
 * every text job (accepted, started, output digest, finished), so that a verdict can tell what the gateway lost.
 * Missing: authentication (any key is taken), images, and fault points.
 */
import { type Call, router, type Twin, type TwinContext } from '@squall/twin-kit'
import { chatRoute } from './chat.ts'
import { completionRoute } from './completions.ts'
import { embeddingRoute } from './embeddings.ts'
import { ApiFailure, answering } from './failure.ts'
import { listModels, showModel } from './models.ts'
import { openAiSettings } from './settings.ts'

/**
 * Longer than a gateway keeps an idle connection, so that the gateway closes first, as it does against the real
 * API. With a short one a request can meet the closing socket, and an unplanned failure looks like a finding.
 */
const keepAliveMs = 600_000

export function createOpenAiTwin(context: TwinContext): Twin {
  const settings = openAiSettings(context.flags)
  const handle = router(
    context,
    [
      { method: 'GET', path: '/v1/models', handle: answering(listModels) },
      { method: 'GET', path: '/v1/models/:id', handle: answering(showModel) },
      { method: 'POST', path: '/v1/chat/completions', handle: answering(chatRoute(context, settings)) },
      { method: 'POST', path: '/v1/completions', handle: answering(completionRoute(context, settings)) },
      { method: 'POST', path: '/v1/embeddings', handle: answering(embeddingRoute(context, settings.pace)) },
    ],
    (request, response) =>
      answering(refuseUnknown)({ request, response, params: {}, query: new URLSearchParams() }),
  )
  return { handle, keepAliveMs }
}

function refuseUnknown({ request }: Call): void {
  const message = `Invalid URL (${request.method ?? 'GET'} ${request.url ?? '/'})`
  throw new ApiFailure({ status: 404, message })
}
