/**
 * What every authenticated route shares: the JSON body, then the key, then the route, and one place where failures
 * become envelopes. The order is LiteLLM's: a broken body is answered before the key is looked at.
 */
import { BodyTooLarge, type Call, isTooDeep, readBody, type TwinContext } from '@squall/twin-kit'
import { authenticate } from './auth.ts'
import { failureFields, ProxyFailure, sendFailure } from './failure.ts'
import { callIdOf, failureHeaders } from './headers.ts'
import type { GatewaySettings } from './settings.ts'

export type Gateway = GatewaySettings & { readonly context: TwinContext }

export type Body = Readonly<Record<string, unknown>>

export type ProxyCall = Call & {
  readonly body: Body
  readonly callId: string
  /** Arrival, in ms since the epoch. */
  readonly startedAt: number
}

/** Room for a conversation with a few inline images. */
const bodyBytesMax = 32 * 1024 * 1024

/** A GET route behind the key. */
export function guarded(
  gateway: Gateway,
  handle: (call: Call) => void | Promise<void>,
): (call: Call) => Promise<void> {
  return async (call) => {
    try {
      authenticate(call.request, gateway.masterKey)
      await handle(call)
    } catch (error) {
      sendFailure(call.response, failureFields(error))
    }
  }
}

/** A POST route with a JSON body behind the key. Its failures carry the call id. */
export function posted(
  gateway: Gateway,
  handle: (call: ProxyCall) => void | Promise<void>,
): (call: Call) => Promise<void> {
  return async (call) => {
    const callId = callIdOf(call.request)
    const startedAt = gateway.context.clock.now()
    let headers = {}
    try {
      const body = await readJson(call)
      authenticate(call.request, gateway.masterKey)
      headers = failureHeaders(callId)
      await handle({ ...call, body, callId, startedAt })
    } catch (error) {
      sendFailure(call.response, failureFields(error, headers))
    }
  }
}

/** @throws ProxyFailure 400, 413, or 500 for JSON that is no object, as LiteLLM 1.101.6 answers it. */
async function readJson({ request }: Call): Promise<Body> {
  try {
    const text = (await readBody(request, { bytesMax: bodyBytesMax })).toString('utf8')
    // Text that is empty or nests too deep for the parser counts as `{}`.
    const value = text === '' || isTooDeep(text) ? {} : (JSON.parse(text) as unknown)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Body
  } catch (error) {
    if (error instanceof BodyTooLarge) throw refused(413, 'Request body too large')
    if (error instanceof SyntaxError) throw refused(400, `Invalid JSON payload: ${error.message}`)
    throw error
  }
  throw new ProxyFailure({ status: 500, message: 'Internal server error', type: 'internal_server_error' })
}

function refused(status: number, message: string): ProxyFailure {
  return new ProxyFailure({ status, message, type: 'invalid_request_error', param: 'request_body' })
}

/** @throws ProxyFailure 400 as LiteLLM words it. */
export function requireField(body: Body, param: string, path: string): void {
  if (body[param] !== undefined) return
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
