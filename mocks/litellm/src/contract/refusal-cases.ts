/** What the gateway refuses, and in which words. */
import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { ask, type Gateway, openAiClient, post, question } from './gateway.ts'

export function refusalCases(gateway: () => Gateway): void {
  modelCases(gateway)
  parameterCases(gateway)
  rateLimitCases(gateway)
  upstreamCases(gateway)
}

function modelCases(gateway: () => Gateway): void {
  test('an unknown model is a 400 with the call id', async () => {
    const given = { 'x-litellm-call-id': 'call-refused' }
    const request = { model: 'nope', messages: question }
    const { status, headers, text } = await post(gateway(), '/v1/chat/completions', request, given)
    const message =
      '/chat/completions: Invalid model name passed in model=nope. ' +
      'Call `/v1/models` to view available models for your key.'
    expect({ status, ...JSON.parse(text) }).toEqual({
      status: 400,
      error: {
        message,
        type: 'invalid_request_error',
        param: null,
        code: '400',
        provider_specific_fields: { error: message },
      },
    })
    expect(headers.get('x-litellm-call-id')).toBe('call-refused')
    expect(headers.get('x-litellm-response-cost')).toBe('0')
  })

  test('the openai package sees an unknown model as BadRequestError with a text code', async () => {
    const asked = openAiClient(gateway()).chat.completions.create({ model: 'nope', messages: question })
    await expect(asked).rejects.toBeInstanceOf(OpenAI.BadRequestError)
    await expect(asked).rejects.toMatchObject({ code: '400', type: 'invalid_request_error' })
  })

  test('completions refuse an unknown model in Python words and "None"', async () => {
    const { status, text } = await post(gateway(), '/v1/completions', { model: 'nope', prompt: 'hi' })
    const error = JSON.parse(text).error
    expect({ status, ...error }).toMatchObject({ status: 400, type: 'None', param: 'None', code: '400' })
    expect(error.message).toMatch(
      /^400: \{'error': '\/completions: Invalid model name passed in model=nope\./,
    )
  })
}

function parameterCases(gateway: () => Gateway): void {
  test.for([
    ['/v1/chat/completions', { model: 'squall-mock' }, 'messages'],
    ['/v1/embeddings', { model: 'squall-embed' }, 'input'],
  ] as const)('%s names the missing parameter', async ([path, request, param]) => {
    const { status, text } = await post(gateway(), path, request)
    const message = `${path.slice(3)}: Missing required parameter: '${param}'.`
    expect({ status, ...JSON.parse(text).error }).toEqual({
      status: 400,
      message,
      type: 'invalid_request_error',
      param,
      code: '400',
    })
  })
}

function rateLimitCases(gateway: () => Gateway): void {
  test.for([false, true])('the rate-limited model is a 429 in JSON, stream %s', async (stream) => {
    const request = { model: 'squall-429', messages: question, stream }
    const { status, headers, text } = await post(gateway(), '/v1/chat/completions', request)
    expect(headers.get('content-type')).toBe('application/json')
    expect({ status, ...JSON.parse(text) }).toEqual({
      status: 429,
      error: {
        message:
          'litellm.RateLimitError: this is a mock rate limit error. Received Model Group=squall-429\n' +
          'Available Model Group Fallbacks=None',
        type: 'throttling_error',
        param: null,
        code: '429',
      },
    })
  })

  test('the openai package sees it as RateLimitError', async () => {
    const asked = openAiClient(gateway()).chat.completions.create({ model: 'squall-429', messages: question })
    await expect(asked).rejects.toBeInstanceOf(OpenAI.RateLimitError)
    await expect(asked).rejects.toMatchObject({ code: '429', type: 'throttling_error' })
  })
}

function upstreamCases(gateway: () => Gateway): void {
  test('embeddings refuse dimensions by the name of the model', async () => {
    const request = { model: 'squall-embed', input: 'hi', dimensions: 8 }
    const { status, text } = await post(gateway(), '/v1/embeddings', request)
    const error = JSON.parse(text).error
    expect({ status, ...error }).toMatchObject({ status: 400, type: 'invalid_request_error', code: '400' })
    expect(error.message).toMatch(/^litellm\.UnsupportedParamsError: Setting dimensions is not supported/)
  })

  test('a refusal of the upstream keeps its status, text and parameter', async () => {
    const request = { model: 'squall-text', messages: [] }
    const { status, text } = await post(gateway(), '/v1/chat/completions', request)
    const error = JSON.parse(text).error
    expect({ status, ...error }).toMatchObject({ status: 400, param: 'messages', code: '400' })
    expect(error.message).toContain("litellm.BadRequestError: OpenAIException - Invalid 'messages'")
    expect(error.message).toContain('Received Model Group=squall-text')
  })

  test.for([false, true])('x-litellm-timeout cuts a slow upstream with a 408, stream %s', async (stream) => {
    const request = { model: 'squall-text', messages: question, stream }
    const given = { 'x-litellm-timeout': '0.05' }
    const { status, headers, text } = await post(gateway(), '/v1/chat/completions', request, given)
    const error = JSON.parse(text).error
    expect({ status, ...error }).toMatchObject({ status: 408, type: 'invalid_request_error', code: '408' })
    expect(error.message).toContain('litellm.Timeout: APITimeoutError - Request timed out.')
    expect(headers.get('x-litellm-timeout')).toBe('0.05')
  })

  test('an unknown path and a wrong method are FastAPI answers', async () => {
    const unknown = await ask(gateway(), '/nope')
    expect(unknown).toMatchObject({ status: 404, text: '{"detail":"Not Found"}' })
    const wrong = await ask(gateway(), '/v1/chat/completions')
    expect(wrong).toMatchObject({ status: 405, text: '{"detail":"Method Not Allowed"}' })
    expect(wrong.headers.get('allow')).toBe('POST')
  })
}
