/**
 * Plays one text answer to the client, whole or token by token. Chat and plain completions differ only in the
 * shape of their JSON, so each brings a `Shape` and this file has the pace, the stream and the job.
 * One choice per request: `n` above 1 is refused by the routes.
 */
import { randomUUID } from 'node:crypto'
import { type Call, openEventStream, sendJson, type TwinContext } from '@squall/twin-kit'
import type { Answer } from './answer.ts'
import { runJob } from './job.ts'

export type Pace = {
  /** Time before the first token, in ms at time scale 1. */
  readonly firstTokenMs: number
  /** Time per token, in ms at time scale 1. */
  readonly tokenMs: number
}

export type Shape = {
  /** The JSON body when the client does not stream. */
  readonly whole: () => unknown
  /** Chunks before the first token. */
  readonly opening: readonly unknown[]
  readonly token: (text: string) => unknown
  /** Chunks after the last token: finish reason, usage. */
  readonly closing: readonly unknown[]
}

export type Generation = {
  readonly jobId: string
  readonly clientId?: string | undefined
  readonly answer: Answer
  readonly stream: boolean
  readonly shape: Shape
}

/** An id as OpenAI forms them. Random, so that two runs of a restarted twin never share one. */
export function responseId(prefix: 'chatcmpl' | 'cmpl' | 'embd'): string {
  return `${prefix}-${randomUUID().replaceAll('-', '')}`
}

/** Answers the call; resolves when the answer is sent or the client is gone. */
export async function generate(
  context: TwinContext,
  pace: Pace,
  call: Call,
  generation: Generation,
): Promise<void> {
  const { response } = call
  const { answer, shape } = generation
  const output = { bytes: Buffer.from(answer.text, 'utf8'), mediaType: 'text/plain' }
  await runJob(context, { response, ...generation }, async (job) => {
    await job.spend(pace.firstTokenMs)
    if (!generation.stream) {
      await job.spend(pace.tokenMs * answer.tokens.length)
      job.succeed([output])
      sendJson(response, 200, shape.whole())
      return
    }
    const events = openEventStream(response)
    for (const chunk of shape.opening) events.send(chunk)
    for (const text of answer.tokens) {
      await job.spend(pace.tokenMs)
      events.send(shape.token(text))
    }
    job.succeed([output])
    for (const chunk of shape.closing) events.send(chunk)
    events.sendRaw('data: [DONE]\n\n')
    events.end()
  })
}
