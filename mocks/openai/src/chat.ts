/**
 * POST /v1/chat/completions: JSON, or server-sent events in the order OpenAI sends them: a chunk with the role,
 * one chunk per token, one with the finish reason, usage if asked for, `[DONE]`.
 * Missing: tools, response formats, log probabilities, several choices.
 */
import type { Call } from '@squall/twin-kit'
import { type Answer, composeAnswer, countTokens } from './answer.ts'
import type { OpenAiContext } from './context.ts'
import { generate, type Pace, responseId, type Shape } from './generation.ts'
import { requireModel } from './models.ts'
import * as body from './request-body.ts'

export type TextSettings = { readonly pace: Pace; readonly tokens?: number | undefined }

/** Answers a chat request. The prompt is every message, so a longer conversation gets another answer. */
export function chatRoute(context: OpenAiContext, settings: TextSettings): (call: Call) => Promise<void> {
  return async (call) => {
    const fields = await body.readJsonObject(call.request)
    const model = body.requiredString(fields, 'model')
    requireModel(model)
    body.refuseManyChoices(fields)
    const prompt = promptOf(fields['messages'])
    const tokensMax =
      body.optionalCount(fields, 'max_completion_tokens') ?? body.optionalCount(fields, 'max_tokens')
    const answer = composeAnswer({ prompt, seed: context.seed, tokens: settings.tokens, tokensMax })
    const jobId = responseId('chatcmpl')
    const options = fields['stream_options']
    const withUsage = body.isObject(options) && options['include_usage'] === true
    const created = Math.floor(context.clock.now() / 1000)
    const shape = chatShape({
      id: jobId,
      model,
      created,
      answer,
      promptTokens: countTokens(prompt),
      withUsage,
    })
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

type ChatFacts = {
  readonly id: string
  readonly model: string
  readonly created: number
  readonly answer: Answer
  readonly promptTokens: number
  readonly withUsage: boolean
}

function chatShape({ id, model, created, answer, promptTokens, withUsage }: ChatFacts): Shape {
  const usage = {
    prompt_tokens: promptTokens,
    completion_tokens: answer.tokens.length,
    total_tokens: promptTokens + answer.tokens.length,
  }
  const base = { id, created, model, system_fingerprint: 'fp_squall' }
  const chunk = (delta: object, finishReason: string | null): object => ({
    ...base,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
    ...(withUsage ? { usage: null } : {}),
  })
  const usageChunk = { ...base, object: 'chat.completion.chunk', choices: [], usage }
  const message = { role: 'assistant', content: answer.text, refusal: null, annotations: [] }
  const choice = { index: 0, message, logprobs: null, finish_reason: answer.finishReason }
  return {
    whole: () => ({ ...base, object: 'chat.completion', choices: [choice], usage }),
    opening: [chunk({ role: 'assistant', content: '' }, null)],
    token: (text) => chunk({ content: text }, null),
    finish: chunk({}, answer.finishReason),
    ...(withUsage ? { usage: usageChunk } : {}),
  }
}

/** Text of all messages, in order; images count by their address. @throws ApiFailure 400 when there is none. */
function promptOf(messages: unknown): string {
  if (messages === undefined) throw body.missing('messages')
  if (!Array.isArray(messages) || messages.length === 0) {
    throw body.invalid('messages', 'expected an array with at least 1 message')
  }
  return messages.map((message: unknown) => lineOf(message)).join('\n')
}

function lineOf(message: unknown): string {
  if (!body.isObject(message) || typeof message['role'] !== 'string') {
    throw body.invalid('messages', 'expected objects with a role')
  }
  const content = message['content']
  return `${message['role']}: ${typeof content === 'string' ? content : JSON.stringify(content ?? null)}`
}
