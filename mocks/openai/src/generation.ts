/**
 * Plays one text answer to the client, whole or token by token. Chat and plain completions differ only in the
 * shape of their JSON, so each brings a `Shape` and this file has the pace, the stream and the job.
 * One choice per request: `n` above 1 is refused by the routes.
 */
import { randomUUID } from 'node:crypto'
import { type Call, createEventLane, drained, openEventStream, sendJson } from '@squall/twin-kit'
import type { Answer } from './answer.ts'
import type { OpenAiContext } from './context.ts'
import { ApiFailure, envelope } from './failure.ts'
import { type Job, runJob } from './job.ts'
import type { OpenAiPoint } from './points.ts'

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
  /** The chunk after the last token. */
  readonly finish: unknown
  /** The chunk after that, if the client asked for it. */
  readonly usage?: unknown
}

export type Generation = {
  readonly jobId: string
  readonly clientId?: string | undefined
  readonly model: string
  readonly answer: Answer
  readonly stream: boolean
  readonly shape: Shape
}

/** An id as OpenAI forms them. Random, so that two runs of a restarted twin never share one. */
export function responseId(prefix: 'chatcmpl' | 'cmpl' | 'embd' | 'img'): string {
  return `${prefix}-${randomUUID().replaceAll('-', '')}`
}

/** Answers the call; resolves when the answer is sent or the client is gone. */
export async function generate(
  context: OpenAiContext,
  pace: Pace,
  call: Call,
  generation: Generation,
): Promise<void> {
  const { response } = call
  const { answer, shape, stream } = generation
  await runJob(context, { response, ...generation }, async (job) => {
    await job.spend(pace.firstTokenMs)
    if (stream) {
      await streamTokens(context, pace, call, { generation, job })
      return
    }
    for (const index of answer.tokens.keys()) await job.pass('openai.generation.token', { index })
    await job.spend(pace.tokenMs * answer.tokens.length)
    job.succeed([outputOf(answer)])
    sendJson(response, 200, shape.whole())
  })
}

/** Sends the chunks in order. A failure of a token is told by a line of the stream, which then ends. */
async function streamTokens(
  { faults, clock }: OpenAiContext,
  pace: Pace,
  { response }: Call,
  { generation, job }: { readonly generation: Generation; readonly job: Job },
): Promise<void> {
  const { answer, shape } = generation
  const lane = createEventLane<OpenAiPoint>(faults, clock, { stream: openEventStream(response), response })
  try {
    for (const chunk of shape.opening) lane.send('openai.stream.opening', chunk, job.facts)
    for (const [index, text] of answer.tokens.entries()) {
      await job.pass('openai.generation.token', { index })
      await job.spend(pace.tokenMs)
      lane.send('openai.stream.token', shape.token(text), { ...job.facts, index })
      await drained(response)
    }
    job.succeed([outputOf(answer)])
    lane.send('openai.stream.finish', shape.finish, job.facts)
    if (shape.usage !== undefined) lane.send('openai.stream.usage', shape.usage, job.facts)
    lane.sendRaw('openai.stream.done', 'data: [DONE]\n\n', job.facts)
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error
    job.fail()
    response.write(`data: ${JSON.stringify(envelope(error.fields))}\n\n`)
  }
  lane.end()
}

function outputOf({ text }: Answer): { readonly bytes: Uint8Array; readonly mediaType: string } {
  return { bytes: Buffer.from(text, 'utf8'), mediaType: 'text/plain' }
}
