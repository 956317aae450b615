/** A POST route that ends at a model: what stands before the router and after it, the same for every route. */
import type { Call } from '@squall/twin-kit'
import { type FailureStyle, failureFields, ProxyFailure, sendFailure } from './failure.ts'
import type { Gateway } from './gateway.ts'
import { failureHeaders } from './headers.ts'
import { refuseMockFields } from './mock-testing.ts'
import { shownTimeout } from './model-call.ts'
import { oldRefusal, type ProxyCall, posted } from './proxy-call.ts'
import type { Body } from './request-json.ts'
import { ModelFailure } from './routing/model-failure.ts'

export type ModelRoute = {
  readonly style: FailureStyle
  /** @throws ProxyFailure when the request lacks its input. */
  readonly requireInput: (body: Body) => void
  readonly unknownModel: (alias: unknown) => Error
  /** Failures tell the version, which only embeddings do. */
  readonly tellsVersion?: boolean
}

/** Wraps a handler that asks the router. */
export function routedPost(
  gateway: Gateway,
  route: ModelRoute,
  handle: (call: ProxyCall) => Promise<void>,
): (call: Call) => Promise<void> {
  const { style } = route
  return posted(gateway, style, async (call) => {
    const version = route.tellsVersion ? { 'x-litellm-version': gateway.config.release.version } : {}
    try {
      refuse(() => refuseMockFields(gateway.config, call.body), style)
      route.requireInput(call.body)
      const alias = call.body['model']
      if (gateway.router.deploymentsOf(alias).length === 0) throw route.unknownModel(alias)
      const release = gateway.slots.take(alias)
      try {
        await handle(call)
      } finally {
        await release(call.response.destroyed)
      }
    } catch (error) {
      const hasMoved = error instanceof ModelFailure && error.deployment !== undefined
      const timeout = hasMoved ? shownTimeout(gateway, call, error.deployment) : undefined
      const headers = style === 'mapped' ? { ...failureHeaders(call.callId, timeout), ...version } : {}
      sendFailure(call.response, failureFields(error, { headers, style }))
    }
  })
}

/** The old routes show what FastAPI raised as Python text. */
function refuse(check: () => void, style: FailureStyle): void {
  try {
    check()
  } catch (error) {
    if (style === 'mapped' || !(error instanceof ProxyFailure)) throw error
    const { status, message } = error.fields
    throw oldRefusal(status, `${status}: {'error': '${message}'}`)
  }
}
