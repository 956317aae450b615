/**
 * The call to the upstream, by real HTTP, and the reading of its event stream. A hang-up of the client is passed on
 * only where LiteLLM 1.101.6 does it: in a stream, once the first chunk is there.
 */
import { connectionFailure, refusalFailure, timeoutFailure } from './upstream-failure.ts'

export type UpstreamCall = {
  readonly url: string
  readonly body: unknown
  readonly alias: string
  /** Longest wait for the whole answer, or for one chunk of a stream; wall clock. */
  readonly timeoutMs: number
}

/** Calls the upstream; resolves with its headers. @throws ProxyFailure when it fails or refuses. */
export async function callUpstream(call: UpstreamCall, signal: AbortSignal): Promise<Response> {
  const response = await fetch(call.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer sk-upstream' },
    body: JSON.stringify(call.body),
    signal,
  }).catch((error: unknown) => {
    throw failureOf(error, call)
  })
  if (response.ok) return response
  const text = await response.text().catch(() => '')
  throw refusalFailure({ status: response.status, text, alias: call.alias })
}

/** The whole JSON answer. @throws ProxyFailure also when the answer breaks off. */
export async function fetchJson(
  call: UpstreamCall,
): Promise<{ body: Record<string, unknown>; headers: Headers }> {
  const response = await callUpstream(call, AbortSignal.timeout(call.timeoutMs))
  try {
    return { body: (await response.json()) as Record<string, unknown>, headers: response.headers }
  } catch (error) {
    throw failureOf(error, call)
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
  return timedOut ? timeoutFailure(call.alias, call.timeoutMs) : connectionFailure(call.alias)
}
