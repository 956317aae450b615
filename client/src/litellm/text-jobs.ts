/**
 * Text jobs on LiteLLM: one chat completion, not streamed, so `submit` is the whole job and `follow` hands over what came.
 * A completion has no idempotency key: one whose answer was lost is asked for again and may be paid twice. That changes
 * nothing in the service, so it is retried all the same.
 * Missing: streaming.
 */
import { ClientError } from '../errors.ts'
import type { Job, JobResult, JobRunner } from '../job.ts'
import type { Limits } from '../limits.ts'
import type { Retrying } from '../recovery/retry.ts'
import type { Http, HttpAnswer } from '../transport/http.ts'
import { asArray, asObject, asText, parseJson } from '../transport/json.ts'
import { litellmError } from './error-envelope.ts'

export type TextJobsParts = {
  readonly http: Http
  readonly limits: Limits
  readonly retry: Retrying
  readonly key: string | undefined
  /** Model alias. The first one the gateway lists when absent. */
  readonly model: string | undefined
}

export function textJobs(parts: TextJobsParts): JobRunner<Extract<Job, { kind: 'text' }>> {
  const finished = new Map<string, JobResult>()
  return {
    async submit({ prompt }, signal) {
      const { jobId, text } = await parts.retry({
        what: 'complete the text',
        deadlineMs: parts.limits.textMsMax,
        signal,
        attempt: (inner) => complete(parts, prompt, inner),
      })
      const bytes = new TextEncoder().encode(text)
      finished.set(jobId, { outputs: [{ mediaType: 'text/plain', bytes }] })
      return jobId
    },
    follow(jobId) {
      const result = finished.get(jobId)
      finished.delete(jobId)
      if (result !== undefined) return Promise.resolve(result)
      const message = `Cannot follow ${jobId}: this client did not submit it, or has handed it over; submit it first`
      return Promise.reject(new ClientError({ errorClass: 'validation', code: 'unknown-job', message }))
    },
  }
}

async function complete(
  parts: TextJobsParts,
  prompt: string,
  signal: AbortSignal,
): Promise<{ jobId: string; text: string }> {
  const model = parts.model ?? (await firstModel(parts, signal))
  const answer = await ask(parts, '/v1/chat/completions', signal, {
    model,
    messages: [{ role: 'user', content: prompt }],
  })
  const completion = asObject(parseJson(answer.bytes, 'complete the text'))
  const choice = asObject(asArray(completion.choices)[0])
  const text = asText(asObject(choice.message).content)
  const jobId = asText(completion.id) ?? answer.headers['x-litellm-call-id']
  if (text !== undefined && jobId !== undefined) return { jobId, text }
  // 200 with something else happens behind proxies; clients that look away return `undefined` as a success.
  const message =
    'Cannot complete the text: the answer has no id or no text; is this address a LiteLLM gateway?'
  throw new ClientError({ errorClass: 'server', code: 'bad-completion', message })
}

async function firstModel(parts: TextJobsParts, signal: AbortSignal): Promise<string> {
  const answer = await ask(parts, '/v1/models', signal)
  const [first] = asArray(asObject(parseJson(answer.bytes, 'list the models')).data)
  const id = asText(asObject(first).id)
  if (id !== undefined) return id
  const message =
    'Cannot complete the text: the gateway lists no models for this key; check its configuration'
  throw new ClientError({ errorClass: 'validation', code: 'no-models', message })
}

async function ask(
  parts: TextJobsParts,
  path: string,
  signal: AbortSignal,
  json?: unknown,
): Promise<HttpAnswer> {
  const answer = await parts.http.call({
    method: json === undefined ? 'GET' : 'POST',
    path,
    headers: parts.key === undefined ? {} : { authorization: `Bearer ${parts.key}` },
    ...(json !== undefined && { json }),
    signal,
    isLong: json !== undefined,
    // One completion may take as long as the whole job; a call without an answer cannot be told from a slow model.
    deadlineMs: parts.limits.textMsMax,
  })
  if (answer.status !== 200) throw litellmError(answer)
  return answer
}
