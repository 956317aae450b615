/** Models the gateway answers itself: every kind of `mock_response`, on every route. */
import { type ContractCase, casesOn } from '../contract-case.ts'

const models = [
  'mock-text',
  'mock-429',
  'mock-context',
  'mock-500',
  'mock-filter',
  'mock-stream',
  'mock-other',
  'mock-object',
  'mock-vector',
  'mock-error',
  'mock-tool',
]

const onEach = models.flatMap((model): [string, ContractCase['observe']][] => [
  [`${model}: chat`, ({ chat }) => chat(model)],
  [`${model}: chat, streamed`, ({ chat }) => chat(model, { stream: true })],
  [`${model}: completions`, ({ post }) => post('/v1/completions', { model, prompt: 'x' })],
  [
    `${model}: completions, streamed`,
    ({ post }) => post('/v1/completions', { model, prompt: 'x', stream: true }),
  ],
  [`${model}: embeddings`, ({ post }) => post('/v1/embeddings', { model, input: ['x', 'y'] })],
  [`${model}: images`, ({ post }) => post('/v1/images/generations', { model, prompt: 'x' })],
])

/** Whether it took at least this long. */
async function tookAtLeast<Seen>(ms: number, work: Promise<Seen>): Promise<{ seen: Seen; isLate: boolean }> {
  const start = performance.now()
  const seen = await work
  return { seen, isLate: performance.now() - start >= ms }
}

const gated = ['mock_testing_fallbacks', 'mock_testing_rate_limit_error', 'mock_timeout', 'mock_delay']

export const mockCases = [
  ...casesOn('routing', {
    ...Object.fromEntries(onEach),
    'three copies': ({ chat }) => chat('mock-text', { n: 3 }),
    'three copies, streamed': ({ chat }) => chat('mock-text', { n: 3, stream: true }),
    'usage in a mock stream': ({ chat }) =>
      chat('mock-text', { stream: true, stream_options: { include_usage: true } }),
    'a delay in the configuration': ({ chat }) => tookAtLeast(400, chat('mock-delay')),
    'completions know no delay': ({ post }) =>
      tookAtLeast(400, post('/v1/completions', { model: 'mock-delay', prompt: 'x' })),
    'a timeout in the configuration': ({ chat }) => tookAtLeast(400, chat('mock-timeout')),
    'the same for completions': ({ post }) =>
      tookAtLeast(400, post('/v1/completions', { model: 'mock-timeout', prompt: 'x' })),
    'embeddings know no timeout': ({ post }) => post('/v1/embeddings', { model: 'mock-timeout', input: 'x' }),
    'mock_response of a client is dropped': ({ chat }) => chat('mock-text', { mock_response: 'mine' }),
    'mock_delay of a client, allowed': ({ chat }) => tookAtLeast(300, chat('mock-text', { mock_delay: 0.3 })),
    'mock_timeout of a client, allowed': ({ chat }) =>
      tookAtLeast(300, chat('mock-text', { mock_timeout: true, timeout: 0.3 })),
    'mock_testing_fallbacks, allowed': ({ chat, behind }) =>
      behind([], () => chat('first', { mock_testing_fallbacks: true })),
    'mock_testing_fallbacks without any fallback': ({ chat }) =>
      chat('mock-text', { mock_testing_fallbacks: true }),
    'mock_testing_context_fallbacks, allowed': ({ chat, behind }) =>
      behind([], () => chat('small', { mock_testing_context_fallbacks: true })),
    'mock_testing_content_policy_fallbacks, allowed': ({ chat, behind }) =>
      behind([], () => chat('strict', { mock_testing_content_policy_fallbacks: true })),
    'mock_testing_rate_limit_error, allowed': ({ chat }) =>
      chat('first', { mock_testing_rate_limit_error: true }),
  }),
  ...casesOn('compose', {
    'mock chat': ({ chat }) => chat('squall-mock'),
    'mock chat, streamed': ({ chat }) => chat('squall-mock', { stream: true }),
    'rate limited': ({ chat }) => chat('squall-429'),
    'rate limited, streamed': ({ chat }) => chat('squall-429', { stream: true }),
    ...Object.fromEntries(
      gated.map((name): [string, ContractCase['observe']] => [
        `${name} of a client is refused, even if false`,
        ({ chat }) => chat('squall-mock', { [name]: false }),
      ]),
    ),
    'completions refuse it in their own words': ({ post }) =>
      post('/v1/completions', { model: 'squall-mock', prompt: 'x', mock_delay: 1 }),
    'embeddings refuse it, too': ({ post }) =>
      post('/v1/embeddings', { model: 'squall-mock', input: 'x', mock_delay: 1 }),
    'images refuse it, too': ({ post }) =>
      post('/v1/images/generations', { model: 'squall-mock', prompt: 'x', mock_delay: 1 }),
  }),
]
