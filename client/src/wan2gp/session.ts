/**
 * One Gradio session: calls by `queue/join`, answers of all calls on one event stream, told apart by `event_id`.
 *
 * Not `@gradio/client`: its 1.x and 2.x have no timeout anywhere, hang for ever when the stream ends cleanly in mid job,
 * and after any broken stream every later call on the same object hangs too (seen with 1.14.2, 1.19.1, 2.5.0 and 2.7.0).
 *
 * A stream is opened after the first join (before it the server knows no such session) and is closed by the server
 * with `close_stream` whenever nothing is pending. A join can cross that message; then the stream is opened again.
 * A stream that ends in any other way cannot be resumed: the server has dropped the session's events with it.
 */
import type { Readable } from 'node:stream'
import { createParser } from 'eventsource-parser'
import { ClientError, publicText } from '../errors.ts'
import type { Limits } from '../limits.ts'
import { every, now, untilAborted } from '../transport/clock.ts'
import type { Http } from '../transport/http.ts'
import { classifyStatus } from '../transport/http-error.ts'
import { asArray, asObject, asText, type JsonObject, parseJson } from '../transport/json.ts'
import { applyDiff } from './output-diff.ts'

export type SessionOptions = {
  readonly http: Http
  readonly limits: Limits
  /** Chosen by the client; everything of one job hangs on it. */
  readonly sessionHash: string
  readonly onStream: (state: 'connecting' | 'connected' | 'disconnected') => void
}

export type JoinedCall = {
  readonly eventId: string
  /** The final outputs. @throws ClientError */
  readonly completed: Promise<readonly unknown[]>
}

export type CallListener = {
  readonly onStart?: () => void
  /** `progress_data[0]` as sent. */
  readonly onProgress?: (progress: JsonObject) => void
  /** Outputs of a generator after each step, edits applied. */
  readonly onOutputs?: (outputs: readonly unknown[]) => void
}

type Pending = {
  readonly settle: PromiseWithResolvers<readonly unknown[]>
  readonly listener: CallListener
  outputs: readonly unknown[] | undefined
}

export class GradioSession implements Disposable {
  readonly #options: SessionOptions
  readonly #pending = new Map<string, Pending>()
  /** Messages of events whose join has not been answered yet. */
  readonly #early = new Map<string, JsonObject[]>()
  readonly #stopping = new AbortController()
  #streaming = false
  #broken: ClientError | undefined

  constructor(options: SessionOptions) {
    this.#options = options
  }

  /** Resolves when the server has taken the call; `completed` settles later. @throws ClientError */
  async join(
    fnIndex: number,
    data: readonly unknown[],
    signal: AbortSignal,
    listener: CallListener = {},
  ): Promise<JoinedCall> {
    if (this.#broken !== undefined) throw this.#broken
    const { http, sessionHash } = this.#options
    const what = 'join the queue of Wan2GP'
    const json = { data, fn_index: fnIndex, session_hash: sessionHash, event_data: null, trigger_id: null }
    const answer = await http.call({ method: 'POST', path: '/gradio_api/queue/join', json, signal })
    // A 500 is a plain-text traceback of the server; its text must not leave the client.
    if (answer.status !== 200) throw classifyStatus(answer.status, what, '', answer.headers['retry-after'])
    const eventId = asText(asObject(parseJson(answer.bytes, what)).event_id)
    if (eventId === undefined) {
      const message = `Cannot ${what}: the answer has no event id; is this a Gradio 5 app?`
      throw new ClientError({ errorClass: 'server', code: 'bad-join', message })
    }
    const pending: Pending = { settle: Promise.withResolvers(), listener, outputs: undefined }
    pending.settle.promise.catch(() => {}) // not every caller waits for every call
    this.#pending.set(eventId, pending)
    for (const message of this.#early.get(eventId) ?? []) this.#deliver(eventId, pending, message)
    this.#early.delete(eventId)
    if (!this.#streaming) void this.#stream()
    return { eventId, completed: pending.settle.promise }
  }

  /** Join and wait. @throws ClientError, or the signal's reason. */
  async call(fnIndex: number, data: readonly unknown[], signal: AbortSignal): Promise<readonly unknown[]> {
    const { completed } = await this.join(fnIndex, data, signal)
    return await untilAborted(completed, signal)
  }

  /** Reads streams until nothing is pending. Never rejects: a failure goes to the calls that wait. */
  async #stream(): Promise<void> {
    const { http, sessionHash, onStream } = this.#options
    this.#streaming = true
    try {
      while (this.#pending.size > 0) {
        onStream('connecting')
        const { status, body } = await http.stream({
          method: 'GET',
          path: '/gradio_api/queue/data',
          query: { session_hash: sessionHash },
          headers: { accept: 'text/event-stream' },
          signal: this.#stopping.signal,
        })
        if (status !== 200) throw classifyStatus(status, 'follow Wan2GP', '')
        onStream('connected')
        await this.#read(body)
      }
    } catch (error) {
      if (this.#stopping.signal.aborted) return
      onStream('disconnected')
      this.#fail(streamError(error))
    } finally {
      this.#streaming = false
    }
  }

  /** Returns after `close_stream`. @throws ClientError if the stream ends, falls silent or breaks before that. */
  async #read(body: Readable): Promise<void> {
    let closing = false
    let heardAt = now()
    const parser = createParser({
      onEvent: ({ data }) => {
        const message = asObject(parseJson(Buffer.from(data), 'read the stream of Wan2GP'))
        if (message.msg === 'close_stream') closing = true
        else this.#receive(message)
      },
    })
    const { streamSilenceMsMax } = this.#options.limits
    using _watch = every(Math.max(1, streamSilenceMsMax / 10), () => {
      if (now() - heardAt > streamSilenceMsMax) {
        body.destroy(brokenStream(`silent for ${streamSilenceMsMax} ms`))
      }
    })
    const decoder = new TextDecoder() // a chunk may end inside a character
    for await (const chunk of body as AsyncIterable<Buffer>) {
      heardAt = now()
      parser.feed(decoder.decode(chunk, { stream: true }))
      if (closing) return
    }
    throw brokenStream('it ended before the job')
  }

  #receive(message: JsonObject): void {
    const eventId = asText(message.event_id)
    if (message.msg === 'unexpected_error') {
      // Session not known (status is 200 all the same), server stopping, or an internal error. Ends everything.
      throw brokenStream(
        asText(message.message)?.startsWith('404') ? 'the session is gone' : 'unexpected error',
      )
    }
    if (eventId === undefined) return // heartbeat
    const pending = this.#pending.get(eventId)
    if (pending !== undefined) return this.#deliver(eventId, pending, message)
    this.#early.set(eventId, [...(this.#early.get(eventId) ?? []), message])
  }

  #deliver(eventId: string, pending: Pending, message: JsonObject): void {
    const output = asObject(message.output)
    switch (message.msg) {
      case 'process_starts':
        pending.listener.onStart?.()
        return
      case 'progress':
        pending.listener.onProgress?.(asObject(asArray(message.progress_data)[0]))
        return
      case 'process_generating': {
        const data = asArray(output.data)
        pending.outputs = pending.outputs === undefined ? data : applyDiff(pending.outputs, data)
        pending.listener.onOutputs?.(pending.outputs)
        return
      }
      case 'process_completed': {
        this.#pending.delete(eventId)
        if (message.success === true) pending.settle.resolve(asArray(output.data))
        else pending.settle.reject(failedCall(asText(output.error)))
      }
    }
  }

  #fail(error: ClientError): void {
    this.#broken = error
    for (const { settle } of this.#pending.values()) settle.reject(error)
    this.#pending.clear()
  }

  [Symbol.dispose](): void {
    this.#stopping.abort()
    const message = 'Cannot go on with the video job: its session was closed; submit it again'
    this.#fail(new ClientError({ errorClass: 'aborted', code: 'session-closed', message }))
  }
}

/** Not reached, not opened or cut off: for the job it is all one. A refusal in so many words stays what it is. */
function streamError(error: unknown): ClientError {
  if (!(error instanceof ClientError)) return brokenStream('the connection broke')
  const away =
    error.errorClass === 'refused' || error.errorClass === 'network' || error.errorClass === 'timeout'
  return away && error.code !== 'stream-broken' ? brokenStream('it could not be opened again') : error
}

function brokenStream(why: string): ClientError {
  const message = `Cannot follow Wan2GP: the event stream is broken: ${why}; the job cannot be taken up again`
  return new ClientError({ errorClass: 'network', code: 'stream-broken', message })
}

function failedCall(text: string | undefined): ClientError {
  const reason = publicText(text ?? 'no reason given')
  const message = `Cannot finish the video job: ${reason}; see the server's log`
  return new ClientError({ errorClass: 'execution', code: 'generation-failed', message })
}
