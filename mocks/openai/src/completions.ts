/**
 * POST /v1/completions, the older text interface that gateways still offer. One prompt, one choice.
 * Missing: several prompts, token arrays, echo, suffix, log probabilities.
 */
import type { Call } from '@squall/twin-kit'
import { composeAnswer, countTokens } from './answer.ts'
import type { TextSettings } from './chat.ts'
import type { OpenAiContext } from './context.ts'
import { generate, responseId, type Shape } from './generation.ts'
import { requireModel } from './models.ts'
import * as body from './request-body.ts'

/** OpenAI's own default for this route. */
const tokensMaxDefault = 16

export function completionRoute(
  context: OpenAiContext,
  settings: TextSettings,
): (call: Call) => Promise<void> {
  return async (call) => {
    const fields = await body.readJsonObject(call.request)
    const model = body.requiredString(fields, 'model')
    requireModel(model)
    body.refuseManyChoices(fields)
    const prompt = promptOf(fields['prompt'])
    const tokensMax = body.optionalCount(fields, 'max_tokens') ?? tokensMaxDefault
    const answer = composeAnswer({ prompt, seed: context.seed, tokens: settings.tokens, tokensMax })
    const jobId = responseId('cmpl')
    const base = {
      id: jobId,
      object: 'text_completion',
      created: Math.floor(context.clock.now() / 1000),
      model,
    }
    const choice = (text: string, finishReason: string | null): object[] => [
      { text, index: 0, logprobs: null, finish_reason: finishReason },
    ]
    const options = fields['stream_options']
    const withUsage = body.isObject(options) && options['include_usage'] === true
    const usage = {
      prompt_tokens: countTokens(prompt),
      completion_tokens: answer.tokens.length,
      total_tokens: countTokens(prompt) + answer.tokens.length,
    }
    const shape: Shape = {
      whole: () => ({ ...base, choices: choice(answer.text, answer.finishReason), usage }),
      opening: [],
      token: (text) => ({ ...base, choices: choice(text, null) }),
      finish: { ...base, choices: choice('', answer.finishReason) },
      ...(withUsage ? { usage: { ...base, choices: [], usage } } : {}),
    }
    await generate(context, settings.pace, call, {
      jobId,
      clientId: body.clientIdOf(fields),
      model,
      answer,
      stream: fields['stream'] === true,
      shape,
    })
  }
}

/** @throws ApiFailure 400 unless there is exactly one text. */
function promptOf(prompt: unknown): string {
  if (prompt === undefined) throw body.missing('prompt')
  const one: unknown = Array.isArray(prompt) && prompt.length === 1 ? prompt[0] : prompt
  if (typeof one === 'string') return one
  throw body.invalid('prompt', 'this twin takes one text')
}
