/**
 * POST of chat and completions: let the router find a deployment, then answer in place (mocks) or through the
 * upstream, whole or as a stream. Only answers made here are journalled; the upstream's jobs are in the upstream's
 * own journal, under the id that LiteLLM passes on unchanged.
 */
import { type Call, sendJson } from '@squall/twin-kit'
import { type Deployment, type Mock, upstreamModel } from './config/deployment.ts'
import type { Release } from './config/release.ts'
import type { Dialect } from './dialect.ts'
import { failureFields, ProxyFailure, sendFailure } from './failure.ts'
import type { Gateway } from './gateway.ts'
import { askMock, type MockAnswer } from './mock-answer.ts'
import { answerMock } from './mock-reply.ts'
import { headersOf, routedRequestOf, timeoutMsOf, upstreamCallOf } from './model-call.ts'
import { routedPost } from './model-route.ts'
import type { ProxyCall } from './proxy-call.ts'
import { type OpenedStream, openUpstream, relayStream, StreamFailure } from './relay.ts'
import { ModelFailure } from './routing/model-failure.ts'
import type { Routed } from './routing/model-router.ts'
import { fetchJson, type UpstreamAnswer, type UpstreamCall } from './upstream.ts'

/** What an attempt brought. */
type Reply =
  | { readonly kind: 'mock'; readonly answer: MockAnswer }
  | { readonly kind: 'whole'; readonly answer: UpstreamAnswer }
  | { readonly kind: 'stream'; readonly opened: OpenedStream }
  /** The call is yet to be made. */
  | { readonly kind: 'late'; readonly upstreamCall: UpstreamCall }

export function textRoute(gateway: Gateway, dialect: Dialect): (call: Call) => Promise<void> {
  return routedPost(gateway, dialect, async (call) => {
    const attempt = (deployment: Deployment): Promise<Reply> => ask(gateway, call, { dialect, deployment })
    const routed = await gateway.router.call({ ...routedRequestOf(gateway, call), attempt })
    await reply(gateway, call, { dialect, routed })
  })
}

type Asked = { readonly dialect: Dialect; readonly deployment: Deployment }

/** One attempt at one deployment. @throws ModelFailure */
async function ask(gateway: Gateway, call: ProxyCall, { dialect, deployment }: Asked): Promise<Reply> {
  const stream = call.body['stream'] === true
  const { release } = gateway.config
  const mock = mockOfClient(release, call) ?? deployment.mock
  if (mock !== undefined) {
    const { body } = call
    const isHeard = release.hearsTiming && dialect.hasDelays
    const delaySeconds = isHeard && typeof body['mock_delay'] === 'number' ? body['mock_delay'] : 0
    const answer = await askMock(gateway, {
      mock: dialect.hasDelays ? mock : { ...mock, delayMs: 0 },
      deployment,
      provider: dialect.path === '/completions' ? 'Text-completion-openaiException' : dialect.provider,
      stream,
      timeoutMs: timeoutMsOf(gateway, call, deployment),
      delayMs: delaySeconds * 1000,
      timesOut: release.hearsTiming && body['mock_timeout'] === true,
    })
    return { kind: 'mock', answer }
  }
  const upstreamCall = upstreamCallOf(gateway, call, { ...dialect, deployment })
  if (!stream) return { kind: 'whole', answer: await fetchJson(gateway, upstreamCall) }
  if (dialect.isLate) return { kind: 'late', upstreamCall }
  return {
    kind: 'stream',
    opened: await openUpstream(gateway, { ...withUsage(upstreamCall), isStream: true }),
  }
}

/** What old releases let a client say. */
function mockOfClient({ hearsResponse }: Release, { body }: ProxyCall): Mock | undefined {
  const response = body['mock_response']
  if (!hearsResponse || typeof response !== 'string') return undefined
  const calls = body['mock_tool_calls']
  return { response, toolCalls: Array.isArray(calls) ? calls : undefined, delayMs: 0, timesOut: false }
}

/** LiteLLM always asks a chat stream for its usage, whatever the client wants. */
function withUsage(call: UpstreamCall): UpstreamCall {
  const given = call.body['stream_options'] as object | undefined
  return { ...call, body: { ...call.body, stream_options: { ...given, include_usage: true } } }
}

type Replied = { readonly dialect: Dialect; readonly routed: Routed<Reply> }

async function reply(gateway: Gateway, call: ProxyCall, { dialect, routed }: Replied): Promise<void> {
  const { value, deployment, fallbacks } = routed
  const { alias } = deployment
  if (value.kind === 'mock') {
    await answerMock(gateway, call, { dialect, routed, answer: value.answer })
    return
  }
  if (value.kind === 'whole') {
    // After a fallback LiteLLM leaves the name that the upstream gave.
    const model = fallbacks > 0 ? upstreamModel(deployment) : alias
    const { body, headers: upstream } = value.answer
    const headers = headersOf(gateway, call, { kind: dialect.headerKind(false), routed, upstream })
    sendJson(call.response, 200, dialect.reshape(body, model), headers)
    return
  }
  const opened =
    value.kind === 'stream' ? value.opened : await openLate(gateway, call, { dialect, routed, value })
  if (opened === undefined) return
  const options = call.body['stream_options'] as { include_usage?: unknown } | null | undefined
  const headers = headersOf(gateway, call, {
    kind: dialect.headerKind(true),
    routed,
    upstream: opened.headers,
  })
  const relay = { dialect, opened, model: alias, withUsage: options?.include_usage === true, headers }
  try {
    await relayStream(gateway, call, relay)
  } catch (error) {
    if (!(error instanceof StreamFailure)) throw error
    sendFailure(call.response, failureFields(error.failure, { headers }))
  }
}

type Late = {
  readonly dialect: Dialect
  readonly routed: Routed<Reply>
  readonly value: Extract<Reply, { kind: 'late' }>
}

/** Undefined when the upstream refused and the client knows it: the failure has the headers of an answer. */
async function openLate(
  gateway: Gateway,
  call: ProxyCall,
  { dialect, routed, value }: Late,
): Promise<OpenedStream | undefined> {
  try {
    return await openUpstream(gateway, { ...value.upstreamCall, wording: 'message' })
  } catch (error) {
    if (!(error instanceof ModelFailure)) throw error
    const headers = headersOf(gateway, call, { kind: dialect.headerKind(true), routed })
    const { status } = error.fields
    const failure = new ProxyFailure({ status, message: error.said, type: null })
    sendFailure(call.response, failureFields(failure, { headers }))
    return undefined
  }
}
