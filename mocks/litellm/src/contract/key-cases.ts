/** Keys, in the order LiteLLM looks at them, without a database. */
import { expect, test } from 'vitest'
import { type Gateway, post, question } from './gateway.ts'

const missing = 'Authentication Error, No api key passed in.'
const malformed = 'Authentication Error, Malformed API Key passed in. Ensure Key has `Bearer ` prefix.'
const noDatabase = 'No connected db.'

const refusals = [
  ['no key', {}, 401, missing],
  ['a key without a scheme', { authorization: 'sk-squall' }, 401, malformed],
  ['a scheme without a key', { authorization: 'Bearer' }, 401, malformed],
  ['a key that does not start with sk-', { authorization: 'Bearer hello-world' }, 400, noDatabase],
  ['a wrong key', { authorization: 'Bearer sk-wrong' }, 400, noDatabase],
] as const

export function keyCases(gateway: () => Gateway): void {
  test.for(refusals)('%s is refused on a GET', async ([, headers, status, message]) => {
    const response = await fetch(`${gateway().url}/v1/models`, { headers })
    expect(await statusAndBody(response)).toEqual(refusal(status, message))
  })

  test.for(refusals)('%s is refused on a POST', async ([, headers, status, message]) => {
    const body = JSON.stringify({ model: 'squall-mock', messages: question })
    const all = { 'content-type': 'application/json', ...headers }
    const response = await fetch(`${gateway().url}/v1/chat/completions`, {
      method: 'POST',
      body,
      headers: all,
    })
    expect(await statusAndBody(response)).toEqual(refusal(status, message))
    expect(response.headers.get('x-litellm-call-id')).toBeNull()
  })

  test.for(['api-key', 'x-api-key', 'x-litellm-api-key'])('the key may come in %s', async (name) => {
    const headers = { [name]: gateway().masterKey }
    expect((await fetch(`${gateway().url}/v1/models`, { headers })).status).toBe(200)
  })

  test('a broken body is answered before the key is looked at', async () => {
    const broken = { method: 'POST', body: '{"model":', headers: { 'content-type': 'application/json' } }
    const response = await fetch(`${gateway().url}/v1/chat/completions`, broken)
    expect(await statusAndBody(response)).toMatchObject({
      status: 400,
      error: { type: 'invalid_request_error', param: 'request_body', code: '400' },
    })
  })

  test('virtual keys need a database', async () => {
    const { status, text } = await post(gateway(), '/key/generate', {})
    expect(status).toBe(500)
    expect(JSON.parse(text).error).toMatchObject({ param: 'None', code: '500' })
    expect(JSON.parse(text).error.message).toMatch(/^\{'error': 'DB not connected\./)
  })
}

async function statusAndBody(response: Response): Promise<object> {
  return { status: response.status, ...((await response.json()) as object) }
}

function refusal(status: number, message: string): object {
  const keyless = { message, type: 'auth_error', param: 'None', code: '401' }
  const unknown = { message, type: 'no_db_connection', param: null, code: '400' }
  return { status, error: status === 401 ? keyless : unknown }
}
