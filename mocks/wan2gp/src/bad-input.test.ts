import { describeHardships } from '@squall/twin-kit/testing/hardship'

const request = (method: string, path: string, body = ''): string =>
  `${method} ${path} HTTP/1.1\r\nHost: twin\r\n\r\n${body}`

// Statuses as FastAPI 0.165 on uvicorn gives them to a route with Gradio's body; text in UTF-16 and a byte order mark
// are read there (422 for what is missing in it), and refused here.
describeHardships({
  main: new URL('main.ts', import.meta.url),
  front: 'uvicorn',
  path: '/gradio_api/app_id',
  jsonPath: '/gradio_api/queue/join',
  json: {
    field: 'data',
    bytesMax: 64 * 1024 * 1024,
    statuses: {
      'lists in lists': 400,
      'objects in objects': 400,
      'a deep field': 400,
      'no JSON': 422,
      'no end': 422,
      nothing: 422,
      null: 422,
      'a number': 422,
      'a text': 422,
      'a list': 422,
      'two values': 422,
      'a byte order mark': 422,
      'half a surrogate pair': 422,
      'a prototype': 422,
      'no UTF-8': 400,
      'UTF-16': 400,
      'a zero at the end': 422,
    },
  },
  streams: [
    request('GET', '/gradio_api/heartbeat/s#'),
    request('GET', '/gradio_api/queue/data?session_hash=s#'),
  ],
  files: [
    request('GET', '/gradio_api/file=#'),
    request('HEAD', '/file=#'),
    request('GET', '/file=outputs/#'),
    request('GET', '/gradio_api/file=gradio/#'),
    request('GET', '/#'),
    `POST /gradio_api/upload HTTP/1.1\r\nHost: twin\r\nContent-Type: multipart/form-data; boundary=b\r\n\r\n` +
      '--b\r\nContent-Disposition: form-data; name="files"; filename="#"\r\n\r\nbytes\r\n--b--\r\n',
  ],
})
