/**
 * POST /v1/embeddings: unit vectors that follow from text and seed. The `openai` package asks for base64 unless
 * told otherwise, so both encodings are here. The journal's digest is over the little-endian float32 bytes,
 * which a client can rebuild from either encoding.
 */
import { type Call, seededRandom, seedFromText, sendJson } from '@squall/twin-kit'
import { countTokens } from './answer.ts'
import type { OpenAiContext } from './context.ts'
import { type Pace, responseId } from './generation.ts'
import { runJob } from './job.ts'
import { requireModel } from './models.ts'
import * as body from './request-body.ts'

/** Of OpenAI's small embedding model, which gives this many unless asked for fewer. */
const dimensionsMax = 1536

export function embeddingRoute(context: OpenAiContext, pace: Pace): (call: Call) => Promise<void> {
  return async (call) => {
    const fields = await body.readJsonObject(call.request)
    const model = body.requiredString(fields, 'model')
    requireModel(model)
    const texts = textsOf(fields['input'])
    const dimensions = body.optionalCount(fields, 'dimensions') ?? dimensionsMax
    if (dimensions > dimensionsMax) {
      throw body.invalid('dimensions', `expected at most ${dimensionsMax} for this model`)
    }
    const vectors = texts.map((text) => embed(text, context.seed, dimensions))
    const start = {
      response: call.response,
      jobId: responseId('embd'),
      clientId: body.clientIdOf(fields),
      model,
    }
    await runJob(context, start, async (job) => {
      await job.spend(pace.firstTokenMs)
      const blobs = vectors.map((vector) => Buffer.from(vector.buffer))
      job.succeed(blobs.map((bytes) => ({ bytes, mediaType: 'application/octet-stream' })))
      const encoded = (vector: Float32Array<ArrayBuffer>): unknown =>
        fields['encoding_format'] === 'base64' ? Buffer.from(vector.buffer).toString('base64') : [...vector]
      const data = vectors.map((vector, index) => ({
        object: 'embedding',
        index,
        embedding: encoded(vector),
      }))
      const tokens = texts.reduce((sum, text) => sum + countTokens(text), 0)
      const usage = { prompt_tokens: tokens, total_tokens: tokens }
      sendJson(call.response, 200, { object: 'list', data, model, usage })
    })
  }
}

/** A vector of length 1 in the little-endian float32 form that goes over the wire. */
function embed(text: string, seed: number, dimensions: number): Float32Array<ArrayBuffer> {
  const random = seededRandom(seedFromText(text, seed))
  const raw = Array.from({ length: dimensions }, () => random() * 2 - 1)
  const norm = Math.hypot(...raw) || 1
  return Float32Array.from(raw, (value) => value / norm)
}

/** @throws ApiFailure 400 unless there are texts. */
function textsOf(input: unknown): readonly string[] {
  if (input === undefined) throw body.missing('input')
  const texts: readonly unknown[] = Array.isArray(input) ? input : [input]
  const strings = texts.filter((text) => typeof text === 'string')
  if (strings.length === texts.length && strings.length > 0) return strings
  throw body.invalid('input', 'this twin takes one text or several')
}
