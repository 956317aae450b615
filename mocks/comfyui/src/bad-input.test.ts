import { describeHardships, type Subject } from '@squall/twin-kit/testing/hardship'
import { httpOptionsFromFlags } from './http-options.ts'
import { socketHardships } from './testing/socket-hardships.ts'

const form = (fields: string): string =>
  `POST /upload/image HTTP/1.1\r\nHost: twin\r\nContent-Type: multipart/form-data; boundary=b\r\n\r\n${fields}\r\n--b--\r\n`
const field = (name: string, value: string): string =>
  `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
const image = (name: string): string =>
  `--b\r\nContent-Disposition: form-data; name="image"; filename="${name}"\r\n\r\nbytes`
const request = (method: string, path: string, body = ''): string =>
  `${method} ${path} HTTP/1.1\r\nHost: twin\r\n\r\n${body}`

// Statuses as aiohttp 3.14.3 gives them to a route that reads JSON: what Python cannot parse raises, so it is 500.
const comfyui: Subject = {
  main: new URL('main.ts', import.meta.url),
  flags: ['--test-nodes'],
  front: 'aiohttp',
  path: '/prompt',
  jsonPath: '/prompt',
  json: {
    field: 'prompt',
    bytesMax: httpOptionsFromFlags({}).bodyBytesMax,
    statuses: {
      'lists in lists': 500,
      'objects in objects': 500,
      'a deep field': 500,
      'no JSON': 500,
      'no end': 500,
      nothing: 500,
      null: 500,
      'a number': 500,
      'a text': 500,
      'a list': 400,
      'two values': 500,
      'a byte order mark': 500,
      'half a surrogate pair': 400,
      'a prototype': 400,
      'no UTF-8': 500,
      'UTF-16': 500,
      'a zero at the end': 500,
    },
  },
  streams: [],
  files: [
    request('GET', '/view?filename=#'),
    request('GET', '/view?filename=#&preview=webp'),
    request('GET', '/api/view?type=input&filename=secret.txt&subfolder=#'),
    request('GET', '/view?type=#&filename=secret.txt'),
    request('GET', '/userdata/#'),
    request('GET', '/userdata?dir=#&recurse=true&full_info=true'),
    request('GET', '/v2/userdata?path=#'),
    request('POST', '/userdata/#', 'changed'),
    request('POST', '/userdata/#/move/x'),
    request('POST', '/userdata/x/move/#?overwrite=true'),
    request('DELETE', '/userdata/#'),
    request('GET', '/internal/files/#'),
    request('GET', '/view_metadata/#?filename=#'),
    request('GET', '/experiment/models/preview/checkpoints/0/#'),
    request('GET', '/#'),
    form(image('#')),
    form(field('subfolder', '#') + field('overwrite', 'true') + image('secret.txt')),
    form(field('type', '#') + image('secret.txt')),
  ],
}

describeHardships(comfyui, socketHardships)
