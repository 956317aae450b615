/** The answer of a model that lives in the gateway, whole or as a stream, with its lines in the journal. */
import { createHash, randomUUID } from 'node:crypto'
import { sendJson } from '@squall/twin-kit'
import { upstreamModel } from './config/deployment.ts'
import { choiceOf, type Dialect, type MockFacts } from './dialect.ts'
import { failureFields, ProxyFailure, sendFailure } from './failure.ts'
import type { Gateway } from './gateway.ts'
import type { MockAnswer } from './mock-answer.ts'
import { headersOf } from './model-call.ts'
import { openOutlet } from './outlet.ts'
import type { ProxyCall } from './proxy-call.ts'
import type { Routed } from './routing/model-router.ts'

export type MockReply = {
  readonly dialect: Dialect
  readonly routed: Omit<Routed<unknown>, 'value'>
  readonly answer: MockAnswer
}

/** The public API's limit. LiteLLM has none for a mock and would make as many as it is asked for. */
const choicesMax = 128

export async function answerMock(gateway: Gateway, call: ProxyCall, mockReply: MockReply): Promise<void> {
  const { dialect, routed, answer } = mockReply
  const { body, response, startedAt } = call
  const headers = headersOf(gateway, call, { kind: dialect.headerKind(body['stream'] === true), routed })
  const isStream = body['stream'] === true
  const failure = isStream ? streamFailure(dialect, answer) : undefined
  if (failure !== undefined) {
    sendFailure(response, failureFields(failure, { headers }))
    return
  }
  const id = `chatcmpl-${randomUUID()}`
  const { alias } = routed.deployment
  const options = body['stream_options'] as { include_usage?: unknown } | null | undefined
  const facts: MockFacts = {
    ...answer,
    id,
    created: Math.floor(startedAt / 1000),
    alias: !isStream && routed.fallbacks > 0 ? upstreamModel(routed.deployment) : alias,
    choices: typeof body['n'] === 'number' && body['n'] > 0 ? Math.min(body['n'], choicesMax) : 1,
    withUsage: options?.include_usage === true,
  }
  journalAnswer(gateway, id, answer.text)
  if (!isStream) {
    sendJson(response, 200, dialect.mockWhole(facts), headers)
    return
  }
  const outlet = openOutlet(gateway, call, headers)
  for (const chunk of dialect.mockChunks(facts)) {
    const isEnd = typeof choiceOf(chunk)?.['finish_reason'] === 'string'
    const isUsage = chunk['usage'] !== undefined && facts.withUsage
    outlet.send(isEnd ? 'finish' : isUsage ? 'usage' : 'chunk', chunk)
    await outlet.flushed()
  }
  outlet.done()
  outlet.end()
}

function journalAnswer({ context: { journal } }: Gateway, jobId: string, text: string): void {
  const bytes = Buffer.from(text, 'utf8')
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  journal('job-accepted', { jobId })
  journal('job-started', { jobId })
  journal('output', { jobId, sha256, bytes: bytes.byteLength, mediaType: 'text/plain' })
  journal('job-finished', { jobId, outcome: 'success' })
}

/** Mock answers that cannot be streamed fail when their first chunk is wanted. */
function streamFailure(
  { style }: Dialect,
  { value, object, streamFailure: failure }: MockAnswer,
): ProxyFailure | undefined {
  const isOld = style === 'bare'
  const connection = 'litellm.APIConnectionError: APIConnectionError: OpenAIException - '
  if (failure !== undefined) {
    const said = failure.said.replace('Text-completion-openaiException', 'OpenAIException')
    const message = isOld ? `litellm.MidStreamFallbackError: ${said}` : said
    return new ProxyFailure({ status: failure.fields.status, message, type: null })
  }
  if (object !== undefined) {
    const said = "'async for' requires an object with __aiter__ method, got ModelResponse"
    return isOld
      ? new ProxyFailure({ status: 500, message: connection + said, type: null })
      : new ProxyFailure({ status: 500, message: said, type: 'None', param: 'None' })
  }
  if (typeof value === 'string') return undefined
  const said = `${connection}can only concatenate str (not "list") to str`
  const message = isOld ? `litellm.MidStreamFallbackError: ${said}` : said
  return new ProxyFailure({ status: 500, message, type: null })
}
