/** The upstream dies: in a stream, and before a call. These come last; nobody starts it again. */
import { type ContractCase, casesOn } from '../contract-case.ts'
import { question } from '../session.ts'

/** The case alone kills the upstream, too, so that it sees the same. */
function without(observe: ContractCase['observe']): ContractCase['observe'] {
  return async (session) => {
    await session.gateway.upstream.kill()
    return await observe(session)
  }
}

export const deathCases = casesOn('compose', {
  'the upstream is killed in a stream': async ({ gateway }) => {
    const { url, masterKey, upstream } = gateway
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'squall-text', messages: question, stream: true }),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${masterKey}` },
    })
    await upstream.kill()
    const events = (await response.text()).split('\n\n').filter((event) => event !== '')
    return { status: response.status, last: events.at(-1) }
  },
  'a call without an upstream': without(({ chat }) => chat('squall-text')),
  'a stream without an upstream': without(({ chat }) => chat('squall-text', { stream: true })),
  'completions without an upstream': without(({ post }) =>
    post('/v1/completions', { model: 'squall-text', prompt: 'x' }),
  ),
  'embeddings without an upstream': without(({ post }) =>
    post('/v1/embeddings', { model: 'squall-embed', input: 'x' }),
  ),
  'the gateway itself lives on': without(async ({ chat, ask }) => [
    (await chat('squall-mock')).status,
    (await ask('/health/readiness')).status,
  ]),
  '/health tells it': without(async ({ ask }) => {
    const { status, body } = await ask('/health')
    const { healthy_count: healthy, unhealthy_count: unhealthy } = body as Record<string, unknown>
    return { status, healthy, unhealthy }
  }),
})
