/**
 * The call to the upstream, by real HTTP, and the reading of its event stream. A hang-up of the client is passed on
 * only where LiteLLM 1.101.6 does it: in a stream, once the first chunk is there.
 */
import type { Gateway } from './gateway.ts'
import { stumble } from './stumble.ts'
import {
  connectionFailure,
  type Patience,
  refusalFailure,
  timeoutFailure,
  unreadableFailure,
  type Wording,
} from './upstream-failure.ts'

export type UpstreamCall = Patience & {
  /** Undefined where the configuration has none: such a call fails like a refused connection. */
  readonly url: string | undefined
  readonly body: Readonly<Record<string, unknown>>
  readonly apiKey: string
  /** LiteLLM's name of this way to a provider, in error texts. */
  readonly provider: string
  readonly wording: Wording
  readonly isBroken: boolean
}

/** Calls the upstream; resolves with its headers. @throws ModelFailure when it fails or refuses. */
export async function callUpstream(
  gateway: Gateway,
  call: UpstreamCall,
  signal: AbortSignal,
): Promise<Response> {
  await stumble(gateway, 'litellm.upstream.connect', call, signal)
  if (call.url === undefined) throw failureOf(undefined, call)
  const response = await fetch(call.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${call.apiKey}` },
    body: JSON.stringify(call.body),
    signal,
  }).catch((error: unknown) => {
    throw failureOf(error, call)
  })
  await stumble(gateway, 'litellm.upstream.answer', call, signal)
  if (response.ok) return response
  const { status, headers } = response
  const text = await response.text().catch(() => '')
  throw refusalFailure({ status, text, headers, wording: call.wording, provider: call.provider })
}

export type UpstreamAnswer = {
  readonly body: Readonly<Record<string, unknown>>
  readonly headers: Headers
}

/** The whole JSON answer. @throws ModelFailure also when the answer breaks off or is no JSON. */
export async function fetchJson(gateway: Gateway, call: UpstreamCall): Promise<UpstreamAnswer> {
  const response = await callUpstream(gateway, call, AbortSignal.timeout(call.timeoutMs))
  const text = await response.text().catch((error: unknown) => {
    throw failureOf(error, call)
  })
  return { body: parsed(text, call.provider), headers: response.headers }
}

/** LiteLLM tells pages and broken JSON apart by how they begin. */
function parsed(text: string, provider: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch (error) {
    const page = `Empty or invalid response from LLM endpoint. Received: '${text}'. Check the reverse proxy or model server configuration.`
    throw unreadableFailure(provider, text.startsWith('{') ? String(error) : page)
  }
}

/** Data of each event, in order. Ends with the stream; what `[DONE]` means is the caller's business. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = ''
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line.startsWith('data:')) yield line.slice(5).trim()
    }
  }
}

function failureOf(error: unknown, call: UpstreamCall): Error {
  const timedOut = error instanceof Error && error.name === 'TimeoutError'
  return timedOut
    ? timeoutFailure(call)
    : connectionFailure(call.provider, call.isBroken ? 'APIConnectionError' : 'InternalServerError')
}
