/** One call of one model: what goes to the upstream, how long it may take, and the headers of the answer. */
import type { OutgoingHttpHeaders } from 'node:http'
import { answerHeaders } from './headers.ts'
import { type Model, upstreamModel } from './models.ts'
import type { Body, Gateway, ProxyCall } from './proxy-call.ts'
import type { UpstreamCall } from './upstream.ts'
import { connectionFailure } from './upstream-failure.ts'

export type ModelCall = {
  /** Route at the upstream, below its `/v1`. */
  readonly path: string
  readonly model: Model
}

/** The request as the upstream gets it. @throws ProxyFailure when no upstream is configured. */
export function upstreamCallOf(gateway: Gateway, call: ProxyCall, { path, model }: ModelCall): UpstreamCall {
  if (gateway.upstreamUrl === undefined) throw connectionFailure(model.alias)
  return {
    url: gateway.upstreamUrl + path,
    body: { ...passedOn(call.body, path), model: upstreamModel(model) },
    alias: model.alias,
    timeoutMs: timeoutMsOf(gateway, call),
  }
}

/** Chat loses `user` and `metadata` on the way, for models LiteLLM does not know by name; other routes keep them. */
function passedOn(body: Body, path: string): Body {
  if (path !== '/chat/completions') return body
  const { user: _user, metadata: _metadata, ...kept } = body
  return kept
}

/** `x-litellm-timeout` in seconds, else the configured wait. */
export function timeoutMsOf(gateway: Gateway, { request }: ProxyCall): number {
  const seconds = Number(request.headers['x-litellm-timeout'])
  return seconds > 0 ? seconds * 1000 : gateway.requestTimeoutMs
}

/** Headers of an answer that is about to leave. */
export function headersOf(
  gateway: Gateway,
  call: ProxyCall,
  model: Model,
  upstream?: Headers,
): OutgoingHttpHeaders {
  const durationMs = gateway.context.clock.now() - call.startedAt
  const { upstreamUrl } = gateway
  return answerHeaders({ callId: call.callId, model, upstreamUrl, durationMs, upstream })
}
