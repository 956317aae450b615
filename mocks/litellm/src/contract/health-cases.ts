/** Health routes and listings. */
import { expect, test } from 'vitest'
import { ask, type Gateway } from './gateway.ts'

const aliases = ['squall-text', 'squall-embed', 'squall-mock', 'squall-429']

export function healthCases(gateway: () => Gateway): void {
  test.for(['/health/liveliness', '/health/liveness'])('%s is a JSON string, without a key', async (path) => {
    const response = await fetch(gateway().url + path)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect({ status: response.status, text: await response.text() }).toEqual({
      status: 200,
      text: '"I\'m alive!"',
    })
  })

  test('readiness is healthy without a database', async () => {
    const response = await fetch(`${gateway().url}/health/readiness`)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ status: 'healthy', db: 'Not connected' })
  })

  test('OPTIONS of a health route tells the methods', async () => {
    const response = await fetch(`${gateway().url}/health/readiness`, { method: 'OPTIONS' })
    expect({ status: response.status, allow: response.headers.get('allow') }).toEqual({
      status: 200,
      allow: 'GET, OPTIONS',
    })
  })

  test('/health asks for the key, calls every model and counts', async () => {
    expect((await fetch(`${gateway().url}/health`)).status).toBe(401)
    const { status, text } = await ask(gateway(), '/health')
    expect(status).toBe(200)
    expect(JSON.parse(text)).toMatchObject({
      healthy_count: 3,
      unhealthy_count: 1,
      unhealthy_endpoints: [{ model: 'openai/squall-429', exception_status: 429 }],
    })
  })

  test.for(['/models', '/v1/models'])('%s lists the aliases in order', async (path) => {
    const { status, text } = await ask(gateway(), path)
    const { data, object } = JSON.parse(text)
    expect({ status, object, ids: data.map(({ id }: { id: string }) => id) }).toEqual({
      status: 200,
      object: 'list',
      ids: aliases,
    })
    expect(data[0]).toEqual({ id: 'squall-text', object: 'model', created: 1677610602, owned_by: 'openai' })
    expect(data[1]).toMatchObject({ mode: 'embedding' })
  })

  test('one model is shown, an unknown one is a detail', async () => {
    expect(JSON.parse((await ask(gateway(), '/v1/models/squall-mock')).text)).toMatchObject({
      id: 'squall-mock',
    })
    const { status, text } = await ask(gateway(), '/v1/models/nope')
    const detail = 'The model `nope` does not exist or is not accessible'
    expect({ status, body: JSON.parse(text) }).toEqual({ status: 404, body: { detail } })
  })

  test.for(['/model/info', '/v1/model/info'])('%s shows targets and no credentials', async (path) => {
    const { status, text } = await ask(gateway(), path)
    expect(status).toBe(200)
    expect(text).not.toContain('sk-')
    const { data } = JSON.parse(text)
    expect(data.map((model: { model_name: string }) => model.model_name)).toEqual(aliases)
    expect(data[0]).toMatchObject({
      litellm_params: { model: 'openai/squall-chat-1', api_base: expect.stringMatching(/\/v1$/) },
      model_info: { id: expect.stringMatching(/^[0-9a-f]{64}$/), db_model: false },
    })
  })
}
