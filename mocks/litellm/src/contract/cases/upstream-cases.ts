/** Upstreams that refuse, break, fall silent or lie, at every moment of an answer. */
import type { Action, Fault } from '@squall/twin-kit'
import { type ContractCase, casesOn } from '../contract-case.ts'
import type { Session } from '../session.ts'

const short = { 'x-litellm-timeout': '0.4' }
const statuses = [401, 403, 404, 408, 409, 422, 429, 500, 502, 503, 504, 529]
const refusal = { error: { message: 'the upstream says no', type: 'x', param: null, code: 'no' } }

const chatAnswer = (action: Action): Fault => ({ point: 'openai.answer.chat', action })
const chunk = (index: number, action: Action): Fault => ({
  point: 'openai.stream.token',
  action,
  when: { match: { index } },
})

function whole(session: Session, fault: Fault, headers?: Readonly<Record<string, string>>): Promise<unknown> {
  return session.behind([fault], () => session.chat('squall-text', {}, headers))
}

function streamed(
  session: Session,
  fault: Fault,
  headers?: Readonly<Record<string, string>>,
): Promise<unknown> {
  return session.behind([fault], () => session.chat('squall-text', { stream: true }, headers))
}

function completed(session: Session, fault: Fault): Promise<unknown> {
  const body = { model: 'squall-text', prompt: 'x', max_tokens: 3, stream: true }
  return session.behind([fault], () => session.post('/v1/completions', body))
}

const byStatus = statuses.flatMap((status): [string, ContractCase['observe']][] => [
  [
    `the upstream answers ${status}`,
    (session) => whole(session, chatAnswer({ kind: 'status', status, body: refusal })),
  ],
  [
    `the upstream answers ${status} to a stream`,
    (session) => streamed(session, chatAnswer({ kind: 'status', status, body: refusal })),
  ],
])

const page: Action = {
  kind: 'status',
  status: 200,
  body: '<h1>hi</h1>',
  headers: { 'content-type': 'text/html' },
}

export const upstreamCases = casesOn('compose', {
  ...Object.fromEntries(byStatus),
  'an error page': (session) =>
    whole(session, chatAnswer({ kind: 'status', status: 502, body: '<h1>bad gateway</h1>' })),
  'a page with 200': (session) => whole(session, chatAnswer(page)),
  'a page with 200 to a stream': (session) => streamed(session, chatAnswer(page)),
  'an answer cut in the middle': (session) => whole(session, chatAnswer({ kind: 'cut' })),
  'the connection closed before the answer': (session) => whole(session, chatAnswer({ kind: 'close' })),
  'the connection reset before the answer': (session) => whole(session, chatAnswer({ kind: 'reset' })),
  'the same for a stream': (session) => streamed(session, chatAnswer({ kind: 'reset' })),
  'an answer that never comes': (session) =>
    whole(session, { point: 'openai.http.chat', action: { kind: 'stall' } }, short),
  'a stream that never opens': (session) =>
    streamed(session, { point: 'openai.http.chat', action: { kind: 'stall' } }, short),
  'a stream that opens and says nothing': (session) =>
    streamed(session, { point: 'openai.stream.opening', action: { kind: 'stall' } }, short),
  'a stream that breaks before its first chunk': (session) =>
    streamed(session, { point: 'openai.stream.opening', action: { kind: 'cut', afterBytes: 0 } }),
  'a stream that falls silent': (session) => streamed(session, chunk(1, { kind: 'stall' }), short),
  'a stream that is cut in a chunk': (session) => streamed(session, chunk(1, { kind: 'cut' })),
  'a stream that is reset': async (session) => {
    const { calls } = await session.behind([chunk(1, { kind: 'reset' })], () =>
      session.chat('squall-text', { stream: true }),
    )
    return { calls }
  },
  'a stream that ends cleanly in the middle': (session) => streamed(session, chunk(1, { kind: 'close' })),
  'a stream without a finish reason': (session) =>
    streamed(session, { point: 'openai.stream.finish', action: { kind: 'drop' } }),
  'a stream without [DONE]': (session) =>
    streamed(session, { point: 'openai.stream.done', action: { kind: 'drop' } }),
  'a finish reason twice': (session) =>
    streamed(session, { point: 'openai.stream.finish', action: { kind: 'duplicate' } }),
  'a chunk twice': (session) => streamed(session, chunk(1, { kind: 'duplicate' })),
  'chunks in another order': (session) => streamed(session, chunk(0, { kind: 'reorder' })),
  'a lost chunk': (session) => streamed(session, chunk(1, { kind: 'drop' })),
  'a stream whose first event is an error': (session) =>
    session.behind(
      [
        { point: 'openai.stream.opening', action: { kind: 'drop' } },
        { point: 'openai.generation.token', action: { kind: 'fail', as: 'rate-limit' } },
      ],
      () => session.chat('squall-text', { stream: true }),
    ),
  '429 after the first chunk': (session) =>
    streamed(session, {
      point: 'openai.generation.token',
      action: { kind: 'fail', as: 'rate-limit' },
      when: { match: { index: 1 } },
    }),
  'completions: a clean end in the middle': (session) => completed(session, chunk(1, { kind: 'close' })),
  'completions: an error line': (session) =>
    completed(session, {
      point: 'openai.generation.token',
      action: { kind: 'fail', as: 'rate-limit' },
      when: { match: { index: 1 } },
    }),
  'completions: a refusal': (session) =>
    session.behind(
      [{ point: 'openai.answer.completions', action: { kind: 'status', status: 500, body: refusal } }],
      () => session.post('/v1/completions', { model: 'squall-text', prompt: 'x' }),
    ),
  'embeddings that never come': (session) =>
    session.behind([{ point: 'openai.http.embeddings', action: { kind: 'stall' } }], () =>
      session.post('/v1/embeddings', { model: 'squall-embed', input: 'x' }, short),
    ),
  'embeddings whose connection closes': (session) =>
    session.behind([{ point: 'openai.answer.embeddings', action: { kind: 'close' } }], () =>
      session.post('/v1/embeddings', { model: 'squall-embed', input: 'x' }),
    ),
})

export const pictureCases = casesOn('routing', {
  'pictures whose connection closes': (session) =>
    session.behind([{ point: 'openai.answer.images', action: { kind: 'close' } }], () =>
      session.post('/v1/images/generations', { model: 'pictures', prompt: 'x', size: '256x256' }),
    ),
  'pictures that never come': (session) =>
    session.behind([{ point: 'openai.http.images', action: { kind: 'stall' } }], () =>
      session.post('/v1/images/generations', { model: 'pictures', prompt: 'x' }, short),
    ),
})
