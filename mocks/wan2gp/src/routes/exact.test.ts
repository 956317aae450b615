/**
 * Answers of a real Gradio 5.29.0 (with Starlette 0.46 and FastAPI 0.115, which were current with it), request by
 * request. They were taken down by hand from such a server; what depends on the page or the path is left out.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestTwin, type TestTwin } from '../testing/twin-in-folder.ts'

let twin: TestTwin

beforeAll(async () => {
  twin = await startTestTwin()
})

afterAll(async () => {
  await twin[Symbol.asyncDispose]()
})

const json = { 'content-type': 'application/json' }
const notAnObject = 'Input should be a valid dictionary or object to extract fields from'
const noInteger = 'Input should be a valid integer, unable to parse string as an integer'
const nested = (levels: number): string =>
  `{"data":[null,${'['.repeat(levels)}${']'.repeat(levels)}],"fn_index":0}`
const missing = (place: string, name: string, input: unknown): unknown => ({
  type: 'missing',
  loc: [place, name],
  msg: 'Field required',
  input,
})

type Case = readonly [
  name: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string>,
  status: number,
  answer: unknown,
]

const joins: readonly Case[] = [
  ['no session', '{"data":[],"fn_index":0}', json, 400, { detail: 'Session hash not found.' }],
  ['no data', '{"fn_index":0}', json, 422, { detail: [missing('body', 'data', { fn_index: 0 })] }],
  [
    'a list',
    '[]',
    json,
    422,
    { detail: [{ type: 'model_attributes_type', loc: ['body'], msg: notAnObject, input: [] }] },
  ],
  [
    'no body',
    '',
    json,
    422,
    { detail: [{ type: 'missing', loc: ['body'], msg: 'Field required', input: null }] },
  ],
  [
    'text instead of JSON',
    '{"data":[]}',
    { 'content-type': 'text/json' },
    422,
    { detail: [{ type: 'model_attributes_type', loc: ['body'], msg: notAnObject, input: '{"data":[]}' }] },
  ],
  [
    'another JSON type',
    '{"data":[]}',
    { 'content-type': 'application/problem+json' },
    400,
    { detail: 'Session hash not found.' },
  ],
  [
    'half a document',
    '{"data":',
    json,
    422,
    {
      detail: [
        {
          type: 'json_invalid',
          loc: ['body', 8],
          msg: 'JSON decode error',
          input: {},
          ctx: { error: 'Expecting value' },
        },
      ],
    },
  ],
  [
    'wrong types, in the order of the model',
    '{"data":[],"fn_index":"x","session_hash":3}',
    json,
    422,
    {
      detail: [
        {
          type: 'string_type',
          loc: ['body', 'session_hash'],
          msg: 'Input should be a valid string',
          input: 3,
        },
        { type: 'int_parsing', loc: ['body', 'fn_index'], msg: noInteger, input: 'x' },
      ],
    },
  ],
  [
    'a fraction',
    '{"data":[],"fn_index":1.5,"session_hash":null}',
    json,
    422,
    {
      detail: [
        {
          type: 'int_from_float',
          loc: ['body', 'fn_index'],
          msg: 'Input should be a valid integer, got a number with a fractional part',
          input: 1.5,
        },
      ],
    },
  ],
  ['NaN', '{"data":[NaN],"fn_index":0}', json, 400, { detail: 'Session hash not found.' }],
  ['960 levels', nested(960), json, 400, { detail: 'Session hash not found.' }],
  ['1000 levels', nested(1000), json, 400, { detail: 'There was an error parsing the body' }],
  ['200000 levels', nested(200_000), json, 400, { detail: 'There was an error parsing the body' }],
  [
    'no UTF-8',
    Uint8Array.of(0x22, 0xff, 0xfe, 0x22),
    json,
    400,
    { detail: 'There was an error parsing the body' },
  ],
  ['30 MB', `{"data":["${'a'.repeat(30e6)}"]}`, json, 400, { detail: 'Session hash not found.' }],
  [
    'more than the twin holds',
    'a'.repeat(65 * 1024 * 1024),
    json,
    413,
    { detail: 'Request Entity Too Large' },
  ],
]

test.each(joins)('queue/join with %s', async (_name, body, headers, status, answer) => {
  const response = await fetch(`${twin.url}/gradio_api/queue/join`, { method: 'POST', headers, body })
  expect([response.status, await response.json()]).toEqual([status, answer])
})

type Exchange = readonly [
  method: string,
  path: string,
  body: string | undefined,
  status: number,
  answer: unknown,
]

const exchanges: readonly Exchange[] = [
  ['GET', '/gradio_api/nothing', undefined, 404, { detail: 'Not Found' }],
  ['GET', '/gradio_api/queue/join', undefined, 405, { detail: 'Method Not Allowed' }],
  ['HEAD', '/config', undefined, 405, ''],
  ['GET', '/login', undefined, 405, { detail: 'Method Not Allowed' }],
  [
    'POST',
    '/login',
    '{}',
    422,
    { detail: [missing('body', 'username', null), missing('body', 'password', null)] },
  ],
  ['GET', '/manifest.json', undefined, 404, { detail: 'Not Found' }],
  ['GET', '/monitoring', undefined, 200, 'See console for monitoring URL.'],
  ['GET', '/monitoring/x', undefined, 403, { detail: 'Invalid key.' }],
  ['GET', '/robots.txt', undefined, 200, 'User-agent: *\nDisallow: '],
  ['GET', '/gradio_api/token', undefined, 200, { token: null, user: null }],
  ['GET', '/gradio_api/user', undefined, 200, null],
  ['GET', '/gradio_api/deep_link', undefined, 422, { detail: [missing('query', 'session_hash', null)] }],
  ['GET', '/gradio_api/proxy=http://x', undefined, 400, { detail: 'This URL cannot be proxied.' }],
  ['GET', '/gradio_api/queue/data', undefined, 422, { detail: [missing('query', 'session_hash', null)] }],
  ['GET', '/gradio_api/upload_progress', undefined, 422, { detail: [missing('query', 'upload_id', null)] }],
  [
    'POST',
    '/gradio_api/cancel',
    '{"session_hash":"s","fn_index":1,"event_id":"nope"}',
    200,
    { success: true },
  ],
  [
    'POST',
    '/gradio_api/cancel',
    '{"session_hash":"s"}',
    422,
    {
      detail: [
        missing('body', 'fn_index', { session_hash: 's' }),
        missing('body', 'event_id', { session_hash: 's' }),
      ],
    },
  ],
  ['POST', '/gradio_api/reset', '{}', 422, { detail: [missing('body', 'event_id', {})] }],
  ['POST', '/gradio_api/component_server', '{}', 400, { detail: 'Invalid JSON body.' }],
  [
    'POST',
    '/gradio_api/component_server',
    '{"data":[],"component_id":2,"session_hash":"a","fn_name":"x"}',
    404,
    { detail: 'Function not found.' },
  ],
  ['POST', '/gradio_api/upload', '{}', 400, { detail: 'Invalid content type.' }],
]

test.each(exchanges)('%s %s %s', async (method, path, body, status, answer) => {
  const response = await fetch(twin.url + path, {
    method,
    ...(body === undefined ? {} : { headers: json, body }),
  })
  const isJson = response.headers.get('content-type') === 'application/json'
  const text = await response.text()
  expect(response.status).toBe(status)
  expect(isJson && text !== '' ? JSON.parse(text) : text).toEqual(answer)
})

test.each([
  ['/gradio_api/queue/join', '{"data":[],"fn_index":999,"session_hash":"a"}', 'KeyError: 999'],
  ['/gradio_api/call/nope', '{"data":[]}', 'Could not infer function index for API name: nope'],
  ['/gradio_api/run/nope', '{"data":[]}', 'Could not infer function index for API name: nope'],
  ['/gradio_api/stream/abc', '{"data":[]}', "KeyError: 'abc'"],
  [
    '/gradio_api/component_server',
    '{"data":1,"component_id":999,"session_hash":"a","fn_name":"x"}',
    'KeyError: 999',
  ],
])('POST %s %s ends in a traceback', async (path, body, last) => {
  const response = await fetch(twin.url + path, { method: 'POST', headers: json, body })
  const text = await response.text()
  expect([response.status, response.headers.get('content-type')]).toEqual([500, 'text/plain; charset=utf-8'])
  expect(text).toMatch(/^Traceback \(most recent call last\):\n/)
  expect(text.trimEnd().endsWith(last)).toBe(true)
})

test('a slash too many is sent back, 405 names the method, and the server calls itself uvicorn', async () => {
  const response = await fetch(`${twin.url}/gradio_api/queue/join/`, { method: 'POST', redirect: 'manual' })
  expect([response.status, response.headers.get('location')]).toEqual([
    307,
    `${twin.url}/gradio_api/queue/join`,
  ])
  const refused = await fetch(`${twin.url}/gradio_api/queue/join`)
  expect([refused.headers.get('allow'), refused.headers.get('server')]).toEqual(['POST', 'uvicorn'])
})

test('openapi.json describes every endpoint of /info', async () => {
  const info = (await (await fetch(`${twin.url}/gradio_api/info`)).json()) as { named_endpoints: object }
  const document = (await (await fetch(`${twin.url}/gradio_api/openapi.json`)).json()) as {
    openapi: string
    paths: Record<string, { post: { operationId: string } }>
  }
  expect(document.openapi).toBe('3.0.2')
  expect(Object.keys(document.paths)).toEqual(Object.keys(info.named_endpoints).map((name) => `/run${name}`))
  expect(document.paths['/run/process_tasks']?.post.operationId).toBe('process_tasks')
})

describe('CORS', () => {
  type Answered = { status: number; origin: string | null; vary: string | null }
  const ask = async (origin: string, host: string, method = 'GET'): Promise<Answered> => {
    // `fetch` does not let a caller choose the Host header.
    const { request } = await import('node:http')
    return new Promise((resolve, reject) => {
      const headers = {
        origin,
        host,
        ...(method === 'OPTIONS' ? { 'access-control-request-method': 'GET' } : {}),
      }
      request(`${twin.url}/config`, { method, headers }, (response) => {
        response.resume()
        const { 'access-control-allow-origin': allowed = null, vary = null } = response.headers
        resolve({ status: response.statusCode ?? 0, origin: allowed, vary })
      })
        .on('error', reject)
        .end()
    })
  }

  test.each([
    ['http://localhost:3000', '127.0.0.1:7860', 'http://localhost:3000'],
    ['http://evil.example', '127.0.0.1:7860', null],
    ['null', 'localhost:7860', null],
    ['http://evil.example', 'gpu.example:7860', 'http://evil.example'],
    ['null', 'gpu.example:7860', 'null'],
  ])('a page of %s asking %s may see %s', async (origin, host, seen) => {
    expect(await ask(origin, host)).toEqual({
      status: 200,
      origin: seen,
      vary: seen === null ? null : 'Origin',
    })
    expect(await ask(origin, host, 'OPTIONS')).toEqual({ status: 200, origin: seen, vary: null })
  })
})
