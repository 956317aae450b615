/**
 * POST of chat and completions: find the model, then answer in place (mock models) or through the upstream, whole
 * or as a stream. Only answers made here are journalled; the upstream's jobs are in the upstream's own journal,
 * under the id that LiteLLM passes on unchanged.
 */
import { createHash, randomUUID } from 'node:crypto'
import { type Call, openEventStream, sendJson } from '@squall/twin-kit'
import type { Dialect, MockFacts } from './dialect.ts'
import { failureFields, sendFailure } from './failure.ts'
import { failureHeaders } from './headers.ts'
import { headersOf, timeoutMsOf, upstreamCallOf } from './model-call.ts'
import { findModel, type Model } from './models.ts'
import { type Gateway, type ProxyCall, posted } from './proxy-call.ts'
import { relayStream, streamHeaders } from './relay.ts'
import { fetchJson } from './upstream.ts'
import { mockRateLimit } from './upstream-failure.ts'

export function textRoute(gateway: Gateway, dialect: Dialect): (call: Call) => Promise<void> {
  return posted(gateway, async (call) => {
    dialect.requireInput(call.body)
    const model = findModel(call.body['model'])
    if (model === undefined) throw dialect.unknownModel(call.body['model'])
    try {
      if (model.answer.kind === 'rate-limit') throw mockRateLimit(model.alias)
      if (model.answer.kind === 'text') answerMock(gateway, call, { dialect, model, text: model.answer.text })
      else await answerThroughUpstream(gateway, call, { dialect, model })
    } catch (error) {
      const headers = failureHeaders(call.callId, timeoutMsOf(gateway, call))
      sendFailure(call.response, failureFields(error, headers))
    }
  })
}

type MockAnswer = { readonly dialect: Dialect; readonly model: Model; readonly text: string }

function answerMock(gateway: Gateway, call: ProxyCall, { dialect, model, text }: MockAnswer): void {
  const { journal } = gateway.context
  const { body, response } = call
  const jobId = `chatcmpl-${randomUUID()}`
  journal('job-accepted', { jobId })
  journal('job-started', { jobId })
  const options = body['stream_options'] as { include_usage?: unknown } | null | undefined
  const facts: MockFacts = {
    id: jobId,
    created: Math.floor(call.startedAt / 1000),
    alias: model.alias,
    text,
    choices: typeof body['n'] === 'number' ? body['n'] : 1,
    withUsage: options?.include_usage === true,
  }
  const bytes = Buffer.from(text, 'utf8')
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  journal('output', { jobId, sha256, bytes: bytes.byteLength, mediaType: 'text/plain' })
  journal('job-finished', { jobId, outcome: 'success' })
  const headers = headersOf(gateway, call, model)
  if (body['stream'] !== true) {
    sendJson(response, 200, dialect.mockWhole(facts), headers)
    return
  }
  const events = openEventStream(response, { ...headers, ...streamHeaders })
  for (const chunk of dialect.mockChunks(facts)) events.send(chunk)
  events.sendRaw('data: [DONE]\n\n')
  events.end()
}

type UpstreamAnswer = { readonly dialect: Dialect; readonly model: Model }

async function answerThroughUpstream(
  gateway: Gateway,
  call: ProxyCall,
  { dialect, model }: UpstreamAnswer,
): Promise<void> {
  const upstreamCall = upstreamCallOf(gateway, call, { path: dialect.path, model })
  if (call.body['stream'] === true) {
    await relayStream(gateway, call, { dialect, model, upstreamCall })
    return
  }
  const { body, headers } = await fetchJson(upstreamCall)
  sendJson(call.response, 200, { ...body, model: model.alias }, headersOf(gateway, call, model, headers))
}
