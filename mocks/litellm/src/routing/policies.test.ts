/** Waits and policies that no case of the contract needs; whether to retry is measured there. */
import { expect, test } from 'vitest'
import { configOf, type Routing } from '../config/config.ts'
import type { ConfigDocument } from '../config/schema.ts'
import { type FailureName, ModelFailure } from './model-failure.ts'
import { retriesGranted, waitMs } from './policies.ts'

const alone = { healthy: 1, all: 1, random: () => 0 }

test.for([
  [0, 500],
  [1, 1000],
  [3, 4000],
  [9, 8000],
] as const)('after %d retries the wait is %d ms', ([retried, ms]) => {
  expect(waitMs(routing(), failure('InternalServerError'), { ...alone, retried })).toBe(ms)
})

test('chance adds up to 0.75 s, retry_after is the least, retry-after of the upstream wins', () => {
  const late = routing({ retry_after: 3 })
  expect(waitMs(routing(), failure('Timeout'), { ...alone, retried: 0, random: () => 1 })).toBe(1250)
  expect(waitMs(late, failure('Timeout'), { ...alone, retried: 0 })).toBe(3000)
  expect(waitMs(late, failure('RateLimitError', 7), { ...alone, retried: 0 })).toBe(7000)
  expect(waitMs(late, failure('RateLimitError', 61), { ...alone, retried: 0 })).toBe(3000)
})

test('nobody waits while a sibling is healthy', () => {
  const crowd = { healthy: 1, all: 2, random: () => 0, retried: 0 }
  expect(waitMs(routing(), failure('RateLimitError', 7), crowd)).toBe(0)
})

test.for([
  ['RateLimitError', 4],
  ['Timeout', 3],
  ['ContextWindowExceededError', 2],
  ['ContentPolicyViolationError', 1],
  ['InternalServerError', undefined],
] as const)('a retry policy grants %s %s retries', ([name, granted]) => {
  const policy = {
    RateLimitErrorRetries: 4,
    TimeoutErrorRetries: 3,
    BadRequestErrorRetries: 2,
    ContentPolicyViolationErrorRetries: 1,
  }
  expect(retriesGranted(routing({ retry_policy: policy }), failure(name))).toBe(granted)
})

test('DefaultRetries stand for what is not listed', () => {
  expect(retriesGranted(routing({ retry_policy: { DefaultRetries: 6 } }), failure('APIError'))).toBe(6)
  expect(retriesGranted(routing(), failure('APIError'))).toBeUndefined()
})

function routing(settings: ConfigDocument['router_settings'] = {}): Routing {
  const models = [{ model_name: 'a', litellm_params: { model: 'openai/b' } }]
  return configOf({ model_list: models, router_settings: settings }, () => undefined).routing
}

function failure(name: FailureName, retryAfterSeconds?: number): ModelFailure {
  return new ModelFailure({ name, status: 500, said: name, type: 'x', retryAfterSeconds })
}
