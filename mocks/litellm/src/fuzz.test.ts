import { describeFuzz } from '@squall/twin-kit/testing/fuzz-http'

const messages = [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }]

describeFuzz({
  main: new URL('main.ts', import.meta.url),
  routes: [
    ...[
      'GET /health',
      'GET /health/liveliness',
      'OPTIONS /health/readiness',
      'GET /health/readiness',
      'GET /models',
    ],
    ...[
      'GET /v1/models/#',
      'GET /model/info',
      'GET /v1/model/info',
      'POST /key/generate',
      'POST /v1/embeddings',
    ],
    ...['POST /v1/chat/completions', 'POST /chat/completions', 'POST /v1/completions', 'POST /completions'],
    ...['POST /v1/images/generations', 'POST /#', 'GET /#', 'POST /v1/responses', 'POST /v1/messages'],
  ],
  words: [
    ...[
      'model',
      'messages',
      'stream',
      'stream_options',
      'include_usage',
      'n',
      'max_tokens',
      'temperature',
      'prompt',
    ],
    ...[
      'squall-text',
      'squall-mock',
      'squall-429',
      'squall-embed',
      'input',
      'role',
      'user',
      'content',
      'tools',
      'timeout',
    ],
    ...[
      'num_retries',
      'fallbacks',
      'mock_response',
      'mock_testing_fallbacks',
      'metadata',
      'size',
      'response_format',
    ],
  ],
  bodies: [
    { model: 'squall-mock', messages },
    {
      model: 'squall-mock',
      messages,
      stream: true,
      stream_options: { include_usage: true },
      n: 2,
      timeout: 1,
    },
    { model: 'squall-429', messages, num_retries: 1, fallbacks: ['squall-mock'] },
    { model: 'squall-text', messages, max_tokens: 5 },
    { model: 'squall-mock', prompt: 'hello', stream: true },
    { model: 'squall-embed', input: ['a', 'b'] },
  ],
})
