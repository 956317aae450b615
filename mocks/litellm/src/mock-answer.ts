/**
 * What `mock_response` does by its value (litellm.md, 3.3; measured on 1.101.6). Only three names of errors and two
 * beginnings are special; everything else is an answer.
 */
import type { Deployment, Mock } from './config/deployment.ts'
import type { Gateway } from './gateway.ts'
import { type FailureName, ModelFailure } from './routing/model-failure.ts'
import { deploymentDetail } from './upstream-failure.ts'

/** An answer in the gateway. */
export type MockAnswer = {
  readonly text: string
  readonly toolCalls: readonly unknown[] | undefined
  /** The whole response object, if the configuration gives one. */
  readonly object: Readonly<Record<string, unknown>> | undefined
  /** The value as it is; embeddings and numbers show it. */
  readonly value: Mock['response']
  /** It fails once its stream has begun. */
  readonly streamFailure: ModelFailure | undefined
}

export type MockCall = {
  readonly mock: Mock
  readonly deployment: Deployment
  readonly provider: string
  readonly stream: boolean
  readonly timeoutMs: number
  /** Wanted by the client, where the configuration allows it. */
  readonly delayMs: number
  readonly timesOut: boolean
}

const named: Readonly<
  Record<
    string,
    { readonly name: FailureName; readonly status: number; readonly said: string; readonly type: string }
  >
> = {
  'litellm.RateLimitError': {
    name: 'RateLimitError',
    status: 429,
    said: 'litellm.RateLimitError: this is a mock rate limit error',
    type: 'throttling_error',
  },
  'litellm.ContextWindowExceededError': {
    name: 'ContextWindowExceededError',
    status: 400,
    said: 'litellm.ContextWindowExceededError: litellm.BadRequestError: this is a mock context window exceeded error',
    type: 'invalid_request_error',
  },
  'litellm.InternalServerError': {
    name: 'InternalServerError',
    status: 500,
    said: 'litellm.InternalServerError: this is a mock internal server error',
    type: 'internal_server_error',
  },
}

/** Waits as long as the mock says and answers. @throws ModelFailure */
export async function askMock({ context: { clock, faults } }: Gateway, call: MockCall): Promise<MockAnswer> {
  const { mock, deployment, provider, stream } = call
  await faults.step('litellm.mock.delay', { model: deployment.alias })
  if (mock.timesOut || call.timesOut) {
    await clock.waitReal(call.timeoutMs)
    throw mockTimeout(call)
  }
  await clock.waitReal(mock.delayMs + call.delayMs)
  const value = mock.response
  const text = typeof value === 'string' ? value : ''
  const failure = named[text]
  if (failure !== undefined) throw new ModelFailure(failure)
  if (text.startsWith('Exception: content_filter_policy')) throw filtered(provider, text)
  const streamFailure = text.startsWith('Exception: mock_streaming_error') ? overloaded(provider) : undefined
  if (streamFailure !== undefined && !stream) throw streamFailure
  const object =
    typeof value === 'object' && !Array.isArray(value) ? (value as MockAnswer['object']) : undefined
  return { text, toolCalls: mock.toolCalls, object, value, streamFailure }
}

/** Meant for content policy fallbacks, and comes out as an ordinary bad request. */
function filtered(provider: string, text: string): ModelFailure {
  const said = `litellm.BadRequestError: ${provider} - litellm.MockException: ${text}`
  return new ModelFailure({ name: 'BadRequestError', status: 400, said, type: 'invalid_request_error' })
}

function overloaded(provider: string): ModelFailure {
  const said = `litellm.APIError: APIError: ${provider} - litellm.MockException: This is a mock error raised mid-stream`
  return new ModelFailure({ name: 'APIError', status: 529, said, type: 'internal_server_error' })
}

function mockTimeout({ deployment, provider }: MockCall): ModelFailure {
  const detail = provider === 'OpenAIException' ? deploymentDetail(deployment.timeoutMs) : ''
  const said = `litellm.Timeout: This is a mock timeout error${detail}`
  return new ModelFailure({ name: 'Timeout', status: 408, said, type: 'invalid_request_error' })
}
