/** The router: retries, cooldowns, fallbacks. The upstream fails by name of the model, as its fault points allow. */
import type { Fault } from '@squall/twin-kit'
import { casesOn } from '../contract-case.ts'
import { wait } from '../wait.ts'

/** The cooldown of the configuration, and a little. */
const cooledMs = 2200
const once = { 'x-litellm-num-retries': '1' }
const twice = { 'x-litellm-num-retries': '2' }

/** A model that refuses, always or so many times. */
function failing(model: number, as: string, times?: number): Fault {
  const match = { model: `squall-chat-${model}` }
  return {
    point: 'openai.generation.start',
    action: { kind: 'fail', as },
    when: times === undefined ? { match } : { match, times },
  }
}

const spoilt = (model: string, as: string): Fault => ({
  point: 'openai.generation.start',
  action: { kind: 'fail', as },
  when: { match: { model } },
})

async function took<Seen>(work: () => Promise<Seen>): Promise<{ seen: Seen; ms: number }> {
  const start = performance.now()
  const seen = await work()
  return { seen, ms: performance.now() - start }
}

export const retryCases = casesOn('routing', {
  'no retry by default': ({ behind, chat }) =>
    behind([failing(1, 'server-error')], () => chat('first', { disable_fallbacks: true })),
  'one retry, and it helps': ({ behind, chat }) =>
    behind([failing(1, 'server-error', 1)], () => chat('first', {}, once)),
  'two retries, and nothing helps': ({ behind, chat }) =>
    behind([failing(1, 'server-error')], () => chat('first', { disable_fallbacks: true }, twice)),
  'retries of the body': ({ behind, chat }) =>
    behind([failing(1, 'server-error', 1)], () => chat('first', { num_retries: 1 })),
  'retries of the deployment': ({ behind, chat }) =>
    behind([failing(1, 'server-error', 1)], () => chat('stubborn')),
  'a bad request is not retried': ({ behind, chat }) =>
    behind([failing(1, 'bad-request')], () => chat('stubborn')),
  'a wrong key at the upstream is not retried': ({ behind, chat }) =>
    behind([failing(1, 'unauthorized')], () => chat('stubborn')),
  'a missing model is not retried': ({ behind, chat }) =>
    behind([failing(1, 'not-found')], () => chat('stubborn')),
  'an overload is retried': ({ behind, chat }) =>
    behind([failing(1, 'unavailable', 1)], () => chat('stubborn')),
  'retry-after is kept before the retry': async ({ behind, chat }) => {
    const { seen, ms } = await took(() =>
      behind([failing(1, 'rate-limit-wait', 1)], () => chat('first', { disable_fallbacks: true }, once)),
    )
    return { ...seen, isPatient: ms >= 1000 && ms < 10_000 }
  },
  'a wait is kept even after the last retry': async ({ behind, chat }) => {
    const { ms } = await took(() =>
      behind([failing(1, 'server-error')], () => chat('first', { disable_fallbacks: true }, once)),
    )
    // 0.5 s and 1 s, each with up to 0.75 s by chance.
    return { isPatient: ms >= 1500 && ms < 10_000 }
  },
  'completions are retried': ({ behind, post }) =>
    behind([failing(1, 'server-error', 1)], () =>
      post('/v1/completions', { model: 'first', prompt: 'x', max_tokens: 2 }, once),
    ),
  'a completions stream is not: it calls too late': ({ behind, post }) =>
    behind([failing(1, 'server-error', 1)], () =>
      post('/v1/completions', { model: 'first', prompt: 'x', max_tokens: 2, stream: true }, once),
    ),
  'embeddings are tried three times by the package inside': ({ behind, post }) =>
    behind([spoilt('squall-embed-1', 'server-error')], () =>
      post('/v1/embeddings', { model: 'vectors', input: 'x' }),
    ),
  'embeddings keep retry-after': async ({ behind, post }) => {
    const { seen, ms } = await took(() =>
      behind([spoilt('squall-embed-1', 'rate-limit-wait')], () =>
        post('/v1/embeddings', { model: 'vectors', input: 'x' }),
      ),
    )
    return { ...seen, isPatient: ms >= 2000 && ms < 10_000 }
  },
  'embeddings that are refused are tried once': ({ behind, post }) =>
    behind([spoilt('squall-embed-1', 'bad-request')], () =>
      post('/v1/embeddings', { model: 'vectors', input: 'x' }),
    ),
  'images are tried three times by the package inside': ({ behind, post }) =>
    behind([spoilt('squall-image-1', 'server-error')], () =>
      post('/v1/images/generations', { model: 'pictures', prompt: 'x', size: '256x256' }),
    ),
})

export const cooldownCases = casesOn('routing', {
  'a rate limit cools one of two, the other answers': async ({ behind, chat }) => {
    await wait(cooledMs)
    const { seen } = await behind([failing(1, 'rate-limit')], async () => {
      const names = []
      for (let call = 0; call < 8; call++) {
        const { status, headers } = await chat('pair', { max_tokens: 1 }, once)
        names.push(`${status} ${String(headers['x-litellm-model-name'])}`)
      }
      return [...new Set(names)]
    })
    return seen
  },
  'both cool, and nobody is left': async ({ behind, chat, post }) => {
    await wait(cooledMs)
    const { seen } = await behind([failing(1, 'rate-limit'), failing(2, 'rate-limit')], async () => {
      const statuses = [(await chat('pair')).status, (await chat('pair')).status]
      const left = {
        chat: await chat('pair'),
        streamed: await chat('pair', { stream: true }),
        completions: await post('/v1/completions', { model: 'pair', prompt: 'x' }),
        embeddings: await post('/v1/embeddings', { model: 'pair', input: 'x' }),
        images: await post('/v1/images/generations', { model: 'pair', prompt: 'x' }),
      }
      return { statuses, left }
    })
    // Which of the two is asked first is left to chance.
    return seen
  },
  'after the cooldown they are asked again': async ({ chat }) => {
    await wait(cooledMs)
    return (await chat('pair')).status
  },
  'a rate limit does not cool one that is alone': async ({ behind, chat }) =>
    await behind([failing(1, 'rate-limit', 1)], async () => [
      (await chat('one')).status,
      (await chat('one')).status,
    ]),
  'a wrong key at the upstream does': async ({ behind, chat }) => {
    const result = await behind([failing(1, 'unauthorized', 1)], async () => [
      (await chat('one')).status,
      (await chat('one')).status,
    ])
    await wait(cooledMs)
    return result
  },
  'a missing model does, too': async ({ behind, chat }) => {
    const result = await behind([failing(1, 'not-found', 1)], async () => [
      (await chat('one')).status,
      (await chat('one')).status,
    ])
    await wait(cooledMs)
    return result
  },
  'a bad request does not': async ({ behind, chat }) =>
    await behind([failing(1, 'bad-request', 1)], async () => [
      (await chat('one')).status,
      (await chat('one')).status,
    ]),
  'the wait of the upstream decides how long': async ({ behind, chat }) => {
    const { seen } = await behind(
      [failing(1, 'rate-limit-wait'), failing(2, 'rate-limit-wait')],
      async () => {
        await chat('pair')
        await chat('pair')
        const { status, headers } = await chat('pair')
        return { status, retryAfter: headers['retry-after'] }
      },
    )
    return seen
  },
})

export const fallbackCases = casesOn('routing', {
  'the first fallback answers': ({ behind, chat }) =>
    behind([failing(1, 'server-error')], () => chat('first')),
  'the same, streamed': ({ behind, chat }) =>
    behind([failing(1, 'server-error')], () => chat('first', { stream: true })),
  'the second fallback answers': ({ behind, chat }) =>
    behind([failing(1, 'server-error'), failing(2, 'unavailable')], () => chat('first')),
  'all fail': ({ behind, chat }) =>
    behind([failing(1, 'server-error'), failing(2, 'unavailable'), failing(3, 'rate-limit')], () =>
      chat('first'),
    ),
  'all fail, with retries': ({ behind, chat }) =>
    behind([failing(1, 'server-error'), failing(2, 'unavailable'), failing(3, 'server-error')], () =>
      chat('first', {}, once),
    ),
  'completions fall back': ({ behind, post }) =>
    behind([failing(1, 'server-error')], () =>
      post('/v1/completions', { model: 'first', prompt: 'x', max_tokens: 2 }),
    ),
  'a bad request falls back, too': ({ behind, chat }) =>
    behind([failing(1, 'bad-request')], () => chat('first')),
  'a cycle ends': ({ behind, chat }) =>
    behind([failing(1, 'server-error'), failing(2, 'server-error')], () => chat('ring-a')),
  'a long prompt goes to the larger model': ({ behind, chat }) =>
    behind([failing(1, 'context-window')], () => chat('small')),
  'a long prompt without a larger model': ({ behind, chat }) =>
    behind([failing(1, 'context-window')], () => chat('first')),
  'a long prompt everywhere': ({ behind, chat }) =>
    behind([failing(1, 'context-window'), failing(2, 'context-window')], () => chat('small')),
  'a filtered prompt goes to the laxer model': ({ behind, chat }) =>
    behind([failing(1, 'content-policy')], () => chat('strict')),
  'a filtered prompt without a laxer model': ({ behind, chat }) =>
    behind([failing(1, 'content-policy')], () => chat('first')),
  'the next order is asked like a fallback': ({ behind, chat }) =>
    behind([failing(1, 'server-error')], () => chat('ordered')),
  'no order is left': ({ behind, chat }) =>
    behind([failing(1, 'server-error'), failing(2, 'server-error')], () => chat('ordered')),
  'fallbacks of the client': ({ behind, chat }) =>
    behind([failing(1, 'server-error')], () =>
      chat('stubborn', { fallbacks: ['second'] }, { 'x-litellm-num-retries': '0' }),
    ),
  'fallbacks of the client that nobody knows': ({ behind, chat }) =>
    behind([failing(1, 'server-error')], () => chat('first', { fallbacks: ['nope'] })),
  'fallbacks switched off': ({ behind, chat }) =>
    behind([failing(1, 'server-error')], () => chat('first', { disable_fallbacks: true })),
  'a picture from the upstream': ({ behind, post }) =>
    behind([], () =>
      post('/v1/images/generations', { model: 'pictures', prompt: 'x', n: 2, size: '256x256' }),
    ),
  'a picture in a format nobody takes': ({ post }) =>
    post('/v1/images/generations', { model: 'pictures', prompt: 'x', response_format: 'b64_json' }),
})

export const contextCases = casesOn('compose', {
  'a long prompt, and no lists at all': ({ behind, chat }) =>
    behind([failing(1, 'context-window')], () => chat('squall-text')),
  'a filtered prompt, and no lists at all': ({ behind, chat }) =>
    behind([failing(1, 'content-policy')], () => chat('squall-text')),
})
