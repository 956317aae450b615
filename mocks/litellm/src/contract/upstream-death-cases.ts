/** The upstream dies: in a stream, and before a call. These come last; nobody starts it again. */
import { expect, test } from 'vitest'
import { type Gateway, post, question } from './gateway.ts'

const ask = { model: 'squall-text', messages: question }

export function upstreamDeathCases(gateway: () => Gateway): void {
  test('a stream whose upstream is killed ends with an error line and without [DONE]', async () => {
    const { url, masterKey, upstream } = gateway()
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ ...ask, stream: true }),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${masterKey}` },
    })
    expect(response.status).toBe(200)
    await upstream.kill()
    const events = (await response.text()).split('\n\n').filter((event) => event !== '')
    const error = JSON.parse(events.pop()?.slice(6) ?? '').error
    expect(error).toMatchObject({ type: null, param: null, code: '500' })
    expect(error.message).toContain('litellm.APIConnectionError: APIConnectionError: OpenAIException - ')
    expect(events.every((event) => event.startsWith('data: {"id":'))).toBe(true)
  })

  test.for([false, true])('a call without an upstream is a 500 in JSON, stream %s', async (stream) => {
    const { status, text } = await post(gateway(), '/v1/chat/completions', { ...ask, stream })
    expect({ status, ...JSON.parse(text) }).toEqual({
      status: 500,
      error: {
        message:
          'litellm.InternalServerError: InternalServerError: OpenAIException - Connection error.. ' +
          'Received Model Group=squall-text\nAvailable Model Group Fallbacks=None',
        type: 'internal_server_error',
        param: null,
        code: '500',
      },
    })
  })

  test('the gateway itself lives on', async () => {
    const { status } = await post(gateway(), '/v1/chat/completions', { ...ask, model: 'squall-mock' })
    expect(status).toBe(200)
    expect((await fetch(`${gateway().url}/health/readiness`)).status).toBe(200)
  })
}
