/**
 * LiteLLM's errors: `{"error":{message,type,param,code}}`, or FastAPI's own `{"detail":…}`. `code` is a string and may be
 * the provider's, `type` may be the text "None", so the HTTP status decides the class. LiteLLM answers 400, not 401, to a
 * wrong key when it runs without a database.
 */
import type { ClientError } from '../errors.ts'
import type { HttpAnswer } from '../transport/http.ts'
import { classifyStatus } from '../transport/http-error.ts'
import { asObject, asText, parseJson } from '../transport/json.ts'

export function litellmError(answer: HttpAnswer): ClientError {
  return classifyStatus(answer.status, 'complete the text', textOf(answer), answer.headers['retry-after'])
}

function textOf(answer: HttpAnswer): string {
  try {
    const body = asObject(parseJson(answer.bytes, 'read the error'))
    return asText(asObject(body.error).message) ?? asText(body.detail) ?? ''
  } catch {
    return '' // an HTML page of a proxy
  }
}
