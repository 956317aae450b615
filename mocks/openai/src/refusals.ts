/** Refusals that faults can name, as the real API words them: status, type and code as its error guide lists them. */
import { ApiFailure, type FailureFields } from './failure.ts'
import type { FailName } from './points.ts'

const rateLimit = {
  status: 429,
  message: 'Rate limit reached for requests. Please try again in 1s.',
  type: 'requests',
  code: 'rate_limit_exceeded',
}

const refusals: Readonly<Record<FailName, FailureFields>> = {
  'rate-limit': rateLimit,
  'rate-limit-wait': { ...rateLimit, headers: { 'retry-after': '1' } },
  'server-error': {
    status: 500,
    message: 'The server had an error while processing your request. Sorry about that!',
    type: 'server_error',
  },
  unavailable: {
    status: 503,
    message: 'The engine is currently overloaded, please try again later.',
    type: 'server_error',
  },
  unauthorized: { status: 401, message: 'Incorrect API key provided.', code: 'invalid_api_key' },
  'not-found': { status: 404, message: 'The model does not exist.', code: 'model_not_found' },
  'bad-request': { status: 400, message: 'The request was refused by a fault.', code: 'invalid_value' },
  'context-window': {
    status: 400,
    message:
      "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens. " +
      'Please reduce the length of the messages.',
    param: 'messages',
    code: 'context_length_exceeded',
  },
  'content-policy': {
    status: 400,
    message: 'Your request was rejected as a result of our safety system.',
    code: 'content_policy_violation',
  },
}

/** The refusal with this name, ready to be thrown. */
export function refusalNamed(name: string): ApiFailure {
  return new ApiFailure(refusals[name as FailName])
}
