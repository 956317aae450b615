import { describeHardships } from '@squall/twin-kit/testing/hardship'

const streamed = JSON.stringify({
  model: 'squall-mock',
  stream: true,
  messages: [{ role: 'user', content: '#' }],
})

// Statuses as LiteLLM 1.101.6 gives them to POST /v1/chat/completions.
describeHardships({
  main: new URL('main.ts', import.meta.url),
  front: 'uvicorn',
  path: '/v1/models',
  jsonPath: '/v1/chat/completions',
  json: {
    field: 'messages',
    bytesMax: 32 * 1024 * 1024,
    statuses: {
      'lists in lists': 400,
      'objects in objects': 400,
      'a deep field': 400,
      'no JSON': 400,
      'no end': 400,
      nothing: 400,
      null: 500,
      'a number': 500,
      'a text': 500,
      'a list': 500,
      'two values': 400,
      'a byte order mark': 400,
      'half a surrogate pair': 400,
      'a prototype': 400,
      'no UTF-8': 400,
      'UTF-16': 400,
      'a zero at the end': 400,
    },
  },
  streams: [
    `POST /v1/chat/completions HTTP/1.1\r\nHost: twin\r\nContent-Length: ${streamed.length + 3}\r\n\r\n${streamed}   `,
  ],
  files: [],
})
