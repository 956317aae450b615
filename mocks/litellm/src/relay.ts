/**
 * A stream from the upstream to the client, with the habits of LiteLLM 1.101.6, all measured:
 *
 *   first chunk      response headers wait for it, so an upstream that refuses still gives its own status
 *   client hangs up  before the first chunk: passed on when that chunk comes; later: at once
 *   upstream breaks or goes silent: one `data: {"error": …}` line, then the end without `[DONE]`
 *   upstream ends without a finish reason: LiteLLM makes one up (`stop`) and sends `[DONE]`, which hides the cut
 */
import { openEventStream, stringifyPython, type VirtualClock } from '@squall/twin-kit'
import { type Chunk, choiceOf, type Dialect } from './dialect.ts'
import { envelope } from './failure.ts'
import { headersOf } from './model-call.ts'
import type { Model } from './models.ts'
import type { Gateway, ProxyCall } from './proxy-call.ts'
import { callUpstream, readEvents, type UpstreamCall } from './upstream.ts'
import { connectionFailure, timeoutFailure } from './upstream-failure.ts'

export const streamHeaders = {
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no',
  'content-type': 'text/event-stream; charset=utf-8',
}

const brokenOff =
  'Response payload is not completed: ' +
  "<TransferEncodingError: 400, message='Not enough data to satisfy transfer length header.'>"
const silent = 'Timeout on reading data from socket'

export type Relay = { readonly dialect: Dialect; readonly model: Model; readonly upstreamCall: UpstreamCall }

/** Resolves when the stream ended, one way or the other. @throws ProxyFailure before the first chunk only. */
export async function relayStream(gateway: Gateway, call: ProxyCall, relay: Relay): Promise<void> {
  const { response } = call
  const cut = new AbortController()
  using patience = startPatience(gateway.context.clock, relay.upstreamCall.timeoutMs, cut)
  const upstream = await callUpstream(relay.upstreamCall, cut.signal)
  const events = readEvents(upstream.body ?? new ReadableStream())
  const first = await events.next().catch(() => undefined)
  if (first === undefined || first.done === true) {
    const { alias, timeoutMs } = relay.upstreamCall
    throw cut.signal.aborted ? timeoutFailure(alias, timeoutMs) : connectionFailure(alias)
  }
  if (response.destroyed) {
    cut.abort()
    return
  }
  response.once('close', () => cut.abort())
  const headers = headersOf(gateway, call, relay.model, upstream.headers)
  const stream = openEventStream(response, { ...headers, ...streamHeaders })
  try {
    let chunk: Chunk = {}
    let finished = false
    for (
      let event: IteratorResult<string, unknown> = first;
      event.done !== true && event.value !== '[DONE]';
      event = await events.next()
    ) {
      patience.renew()
      const received = JSON.parse(event.value) as Chunk
      if (received['error'] !== undefined) throw new UpstreamError(messageOf(received['error']))
      chunk = relay.dialect.relabel(received, relay.model.alias)
      finished ||= typeof choiceOf(chunk)?.['finish_reason'] === 'string'
      stream.send(chunk)
    }
    if (!finished) stream.send(relay.dialect.madeUpEnd(chunk))
    stream.sendRaw('data: [DONE]\n\n')
  } catch (error) {
    stream.sendRaw(`data: ${stringifyPython(lateFailure(error))}\n\n`)
  }
  stream.end()
}

/** An `error` chunk inside a stream that began well. */
class UpstreamError extends Error {}

function messageOf(error: unknown): string {
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : error
  return String(message)
}

function lateFailure(error: unknown): object {
  const timedOut = error instanceof DOMException && error.name === 'TimeoutError'
  const cause = error instanceof UpstreamError ? error.message : timedOut ? silent : brokenOff
  const message = `litellm.APIConnectionError: APIConnectionError: OpenAIException - ${cause}`
  return envelope({ status: 500, message, type: null })
}

/** Cuts a stream that says nothing for `timeoutMs`, or up to twice that long after a chunk. */
function startPatience(
  clock: VirtualClock,
  timeoutMs: number,
  cut: AbortController,
): Disposable & { renew(): void } {
  let renewed = false
  const check = clock.every(timeoutMs, () => {
    if (!renewed) cut.abort(new DOMException('The upstream is silent', 'TimeoutError'))
    renewed = false
  })
  return {
    renew: () => {
      renewed = true
    },
    [Symbol.dispose]: () => check[Symbol.dispose](),
  }
}
