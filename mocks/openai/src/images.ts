/**
 * POST /v1/images/generations: PNG pictures whose pixels follow from prompt and seed, as base64. One job per
 * picture set; the journal has one output line per picture, over the bytes of the PNG file.
 * Missing: addresses instead of base64, edits, variations, streaming, other formats.
 */
import { type Call, renderImage, seedFromText, sendJson } from '@squall/twin-kit'
import { countTokens } from './answer.ts'
import type { OpenAiContext } from './context.ts'
import { type Pace, responseId } from './generation.ts'
import { runJob } from './job.ts'
import { requireModel } from './models.ts'
import * as body from './request-body.ts'

/** Of the real API. */
const picturesMax = 10
const sizeDefault = '1024x1024'
const sizes = ['256x256', '512x512', '1024x1024', '1536x1024', '1024x1536']

export function imageRoute(context: OpenAiContext, pace: Pace): (call: Call) => Promise<void> {
  return async (call) => {
    const fields = await body.readJsonObject(call.request)
    const model = body.requiredString(fields, 'model')
    requireModel(model)
    const prompt = body.requiredString(fields, 'prompt')
    const count = body.optionalCount(fields, 'n') ?? 1
    if (count > picturesMax) throw body.invalid('n', `at most ${picturesMax}`)
    const { width, height } = sizeOf(fields['size'])
    const clientId = body.clientIdOf(fields)
    const start = { response: call.response, jobId: responseId('img'), clientId, model }
    await runJob(context, start, async (job) => {
      await job.spend(pace.firstTokenMs)
      const pictures = Array.from({ length: count }, (_, index) =>
        renderImage({ prompt, seed: seedFromText(`${index}`, context.seed), width, height }),
      )
      job.succeed(pictures.map((bytes) => ({ bytes, mediaType: 'image/png' })))
      const data = pictures.map((bytes) => ({ b64_json: bytes.toString('base64') }))
      const created = Math.floor(context.clock.now() / 1000)
      sendJson(call.response, 200, { created, data, usage: usageOf(prompt, count) })
    })
  }
}

/** @throws ApiFailure 400 for a size the real API does not know. */
function sizeOf(size: unknown): { readonly width: number; readonly height: number } {
  const named = size === undefined || size === null || size === 'auto' ? sizeDefault : size
  if (typeof named !== 'string' || !sizes.includes(named))
    throw body.invalid('size', `one of ${sizes.join(', ')}`)
  const [width = 0, height = 0] = named.split('x').map(Number)
  return { width, height }
}

function usageOf(prompt: string, count: number): object {
  const [input, output] = [countTokens(prompt), count * 272]
  return {
    input_tokens: input,
    output_tokens: output,
    total_tokens: input + output,
    input_tokens_details: { text_tokens: input, image_tokens: 0 },
  }
}
