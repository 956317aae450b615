/**
 * A stream from the upstream to the client, with the habits of LiteLLM 1.101.6, all measured:
 *
 *   first chunk      response headers wait for it; if it never comes well, the answer is plain JSON
 *   client hangs up  before the first chunk: passed on when that chunk comes; later: at once
 *   upstream breaks or goes silent: one `data: {"error": …}` line, then the end without `[DONE]`
 *   upstream ends without a finish reason: LiteLLM makes one up (`stop`) and sends `[DONE]`, which hides the cut
 */
import { randomUUID } from 'node:crypto'
import type { OutgoingHttpHeaders } from 'node:http'
import type { VirtualClock } from '@squall/twin-kit'
import { type Chunk, choiceOf, type Dialect } from './dialect.ts'
import { envelope, type FailureFields, ProxyFailure } from './failure.ts'
import type { Gateway } from './gateway.ts'
import { openOutlet } from './outlet.ts'
import type { ProxyCall } from './proxy-call.ts'
import { ModelFailure } from './routing/model-failure.ts'
import { callUpstream, readEvents, type UpstreamCall } from './upstream.ts'
import { type Patience, UpstreamBroke, upstreamChunks } from './upstream-chunks.ts'

/** A stream the upstream has opened: its headers are here, its first chunk is not. */
export type OpenedStream = {
  readonly headers: Headers
  readonly chunks: AsyncGenerator<Chunk>
  /** Cuts the connection to the upstream. */
  readonly cut: AbortController
}

/** Calls the upstream. @throws ModelFailure when it refuses. */
export async function openUpstream(gateway: Gateway, call: UpstreamCall): Promise<OpenedStream> {
  const cut = new AbortController()
  const patience = startPatience(gateway.context.clock, call.timeoutMs, cut)
  try {
    const upstream = await callUpstream(gateway, call, cut.signal)
    const events = readEvents(upstream.body ?? new ReadableStream())
    const chunks = upstreamChunks(gateway, { events, patience, model: call.body['model'] })
    return { headers: upstream.headers, chunks, cut }
  } catch (error) {
    patience[Symbol.dispose]()
    throw error
  }
}

export type Relay = {
  readonly dialect: Dialect
  readonly opened: OpenedStream
  /** As chunks name it. */
  readonly model: string
  readonly withUsage: boolean
  readonly headers: OutgoingHttpHeaders
}

/** Resolves when the stream ended, one way or the other. @throws StreamFailure before the first chunk only. */
export async function relayStream(gateway: Gateway, call: ProxyCall, relay: Relay): Promise<void> {
  const { dialect, opened, model, withUsage } = relay
  const { chunks, cut } = opened
  const { response } = call
  const first = await chunks.next().catch((error: unknown) => {
    throw new StreamFailure(lateFields(dialect, error))
  })
  const isHangUpPassed = (): boolean =>
    gateway.context.faults.decide('litellm.hang-up.pass', { model }) === undefined
  if (response.destroyed) {
    await endUnread(opened, isHangUpPassed())
    return
  }
  let isOver = false
  response.once('close', () => {
    if (!isOver && isHangUpPassed()) cut.abort()
  })
  const outlet = openOutlet(gateway, call, relay.headers)
  try {
    let last = emptyChunk(gateway, dialect, model)
    let isFinished = false
    for (let next = first; next.done !== true; next = await chunks.next()) {
      const isUsage = isUsageChunk(next.value)
      if (isUsage && !withUsage) continue
      last = dialect.relabel(next.value, model)
      const isEnd = typeof choiceOf(last)?.['finish_reason'] === 'string'
      if (isEnd && isFinished) continue
      isFinished ||= isEnd
      outlet.send(isUsage ? 'usage' : isEnd ? 'finish' : 'chunk', last)
      await outlet.flushed()
    }
    if (!isFinished) outlet.send('finish', dialect.madeUpEnd(last))
    outlet.done()
  } catch (error) {
    outlet.fail(envelope(lateFields(dialect, error)))
  }
  isOver = true
  outlet.end()
}

/** The client had gone before the first chunk. Without a hang-up the job is read to its end for nobody. */
async function endUnread({ chunks, cut }: OpenedStream, isPassed: boolean): Promise<void> {
  if (!isPassed) for await (const _ of chunks) continue
  cut.abort()
  await chunks.return(undefined)
}

/** A stream that failed after the router had done its work and before its first chunk. */
export class StreamFailure extends Error {
  readonly failure: ProxyFailure

  constructor(fields: FailureFields) {
    super(fields.message)
    this.failure = new ProxyFailure(fields)
  }
}

/** LiteLLM knows a rate limit by its words; everything else is a broken connection to it. */
function lateFields({ lateText }: Dialect, error: unknown): FailureFields {
  const cause = causeOf(error)
  return /rate limit/i.test(cause)
    ? { status: 429, message: lateText({ name: 'RateLimitError', cause }), type: 'throttling_error' }
    : { status: 500, message: lateText({ name: 'APIConnectionError', cause }), type: null }
}

/** What a stream without any chunk ends with is made of this. */
function emptyChunk({ context: { clock } }: Gateway, { path }: Dialect, model: string): Chunk {
  const object = path === '/completions' ? 'text_completion' : 'chat.completion.chunk'
  return { id: `chatcmpl-${randomUUID()}`, object, created: Math.floor(clock.now() / 1000), model }
}

function isUsageChunk(chunk: Chunk): boolean {
  const { choices, usage } = chunk
  return Array.isArray(choices) && choices.length === 0 && usage !== undefined && usage !== null
}

const brokenOff =
  'Response payload is not completed: ' +
  "<TransferEncodingError: 400, message='Not enough data to satisfy transfer length header.'>"
const silent = 'Timeout on reading data from socket'

function causeOf(error: unknown): string {
  if (error instanceof UpstreamBroke || error instanceof ModelFailure) return error.message
  if (error instanceof SyntaxError) return error.message
  return error instanceof DOMException && error.name === 'TimeoutError' ? silent : brokenOff
}

/** Cuts a stream that says nothing for `timeoutMs`, or up to twice that long after a chunk, while it is waited for. */
function startPatience(clock: VirtualClock, timeoutMs: number, cut: AbortController): Patience {
  let isWaiting = true
  let isRenewed = false
  const check = clock.every(timeoutMs, () => {
    if (isWaiting && !isRenewed) cut.abort(new DOMException('The upstream is silent', 'TimeoutError'))
    isRenewed = false
  })
  return {
    wait: (isWanted) => {
      isWaiting = isWanted
      isRenewed = true
    },
    [Symbol.dispose]: () => check[Symbol.dispose](),
  }
}
