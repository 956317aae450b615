/**
 * What every authenticated route shares: the JSON body, then the key, then the route, and one place where failures
 * become envelopes. The order is LiteLLM's: a broken body is answered before the key is looked at.
 */
import { type Call, noteFacts } from '@squall/twin-kit'
import { authenticate } from './auth.ts'
import { type FailureStyle, failureFields, ProxyFailure, sendFailure } from './failure.ts'
import type { Gateway } from './gateway.ts'
import { callIdOf, failureHeaders } from './headers.ts'
import { type Body, readJson } from './request-json.ts'

export type { Body } from './request-json.ts'

export type ProxyCall = Call & {
  readonly body: Body
  readonly callId: string
  /** Arrival, in ms since the epoch. */
  readonly startedAt: number
}

/** A GET route behind the key. */
export function guarded(
  gateway: Gateway,
  handle: (call: Call) => void | Promise<void>,
): (call: Call) => Promise<void> {
  return async (call) => {
    try {
      await authenticate(gateway, call.request)
      await handle(call)
    } catch (error) {
      sendFailure(call.response, failureFields(error))
    }
  }
}

/** A POST route with a JSON body behind the key. Its failures carry the call id, unless it is one of the old ones. */
export function posted(
  gateway: Gateway,
  style: FailureStyle,
  handle: (call: ProxyCall) => void | Promise<void>,
): (call: Call) => Promise<void> {
  return async (call) => {
    const callId = callIdOf(call.request)
    const startedAt = gateway.context.clock.now()
    let headers = {}
    try {
      const body = await readJson(call.request, call.response)
      if (body === undefined) return
      noteFacts(call.response, { callId, model: body['model'] })
      await authenticate(gateway, call.request)
      headers = style === 'mapped' ? failureHeaders(callId) : {}
      await handle({ ...call, body, callId, startedAt })
    } catch (error) {
      sendFailure(call.response, failureFields(error, { headers, style }))
    }
  }
}

/** @throws ProxyFailure 400 as LiteLLM words it. */
export function requireField(body: Body, param: string, path: string): void {
  if (body[param] !== undefined && body[param] !== null) return
  const message = `${path}: Missing required parameter: '${param}'.`
  throw new ProxyFailure({ status: 400, message, type: 'invalid_request_error', param })
}

/** No such alias, in the words of chat and embeddings. */
export function unknownModel(alias: unknown, path: string): ProxyFailure {
  const message = unknownModelText(alias, path)
  return new ProxyFailure({ status: 400, message, type: 'invalid_request_error', detail: message })
}

/** A missing model reads `model=None`. */
export function unknownModelText(alias: unknown, path: string): string {
  const shown = typeof alias === 'string' ? alias : 'None'
  const advice = 'Call `/v1/models` to view available models for your key.'
  return `${path}: Invalid model name passed in model=${shown}. ${advice}`
}

/** A refusal as the old routes word it: Python texts and "None". */
export function oldRefusal(status: number, message: string): ProxyFailure {
  return new ProxyFailure({ status, message, type: 'None', param: 'None' })
}
