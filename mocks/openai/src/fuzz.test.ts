import { describeFuzz } from '@squall/twin-kit/testing/fuzz-http'

const messages = [
  { role: 'system', content: 'be short' },
  { role: 'user', content: [{ type: 'text', text: 'hello' }] },
]

describeFuzz({
  main: new URL('main.ts', import.meta.url),
  routes: [
    ...['GET /v1/models', 'GET /v1/models/#', 'POST /v1/chat/completions', 'POST /v1/chat/completions'],
    ...['POST /v1/completions', 'POST /v1/embeddings', 'POST /v1/images/generations', 'GET /#', 'POST /v1/#'],
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
      'max_completion_tokens',
    ],
    ...[
      'squall-chat-1',
      'squall-embed-1',
      'prompt',
      'input',
      'role',
      'content',
      'user',
      'encoding_format',
      'base64',
    ],
    ...['dimensions', 'echo', 'suffix', 'stop', 'seed', 'size'],
  ],
  bodies: [
    { model: 'squall-chat-1', messages, stream: true, stream_options: { include_usage: true }, user: 'me' },
    { model: 'squall-chat-1', messages, max_tokens: 3, n: 1 },
    { model: 'squall-chat-1', prompt: 'hello', max_tokens: 3 },
    { model: 'squall-embed-1', input: ['a', 'b'], encoding_format: 'base64', dimensions: 8 },
  ],
})
