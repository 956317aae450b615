/** Routes of Gradio 5.29 besides the queue's stream (wan2gp.md 6): configuration, errors, files, uploads. */
import type { Case, Group } from '@squall/twin-kit/conformance/case'
import {
  anything,
  check,
  having,
  listOf,
  matching,
  number,
  text,
  truth,
} from '@squall/twin-kit/conformance/compare'
import { openEvents } from '@squall/twin-kit/conformance/event-reader'
import { jsonOf, type Sent } from '@squall/twin-kit/conformance/send'
import { freshSession, type GradioTarget } from './gradio-target.ts'

type Row = readonly [
  name: string,
  sent: Sent,
  status: number,
  body: unknown,
  headers?: Readonly<Record<string, unknown>>,
]

const api = '/gradio_api'
const json = { 'content-type': 'application/json' }
const post = (path: string, body: unknown): Sent => ({
  method: 'POST',
  path: api + path,
  headers: json,
  body: typeof body === 'string' ? body : JSON.stringify(body),
})

/** What FastAPI says of a field that is missing or wrong. */
const invalid = (...details: readonly object[]): unknown => ({
  detail: details.map((detail) => having({ ...detail })),
})
const missing = (field: string): object => ({ type: 'missing', loc: ['body', field], msg: 'Field required' })

const rows: readonly Row[] = [
  ['app id', { path: `${api}/app_id` }, 200, { app_id: number }],
  ['startup events are over', { path: `${api}/startup-events` }, 200, false],
  [
    'state of the queue',
    { path: `${api}/queue/status` },
    200,
    having({ msg: 'estimation', event_id: null, rank: null, queue_size: number }),
  ],
  ['an unknown path', { path: `${api}/squall-nowhere` }, 404, { detail: 'Not Found' }],
  ['a wrong method', { path: `${api}/queue/join` }, 405, { detail: 'Method Not Allowed' }, { allow: 'POST' }],
  [
    'join without a session',
    post('/queue/join', { data: [], fn_index: 0 }),
    400,
    { detail: 'Session hash not found.' },
  ],
  [
    'join without data',
    post('/queue/join', { fn_index: 0, session_hash: 's' }),
    422,
    invalid(missing('data')),
  ],
  [
    'join with a text as data',
    post('/queue/join', { data: 'x', fn_index: 0, session_hash: 's' }),
    422,
    invalid({ type: 'list_type', loc: ['body', 'data'], msg: 'Input should be a valid list', input: 'x' }),
  ],
  [
    'join with broken JSON',
    post('/queue/join', '{"data":'),
    422,
    invalid({ type: 'json_invalid', loc: ['body', 8] }),
  ],
  [
    'cancel without fields',
    post('/cancel', { session_hash: 's' }),
    422,
    invalid(missing('fn_index'), missing('event_id')),
  ],
  ['reset without fields', post('/reset', {}), 422, invalid(missing('event_id'))],
  ['reset does nothing', post('/reset', { event_id: 'x' }), 200, { success: true }],
  ['an upload that is no form', post('/upload', {}), 400, { detail: 'Invalid content type.' }],
  ['a file outside', { path: `${api}/file=/etc/passwd` }, 403, { detail: 'File not allowed: /etc/passwd.' }],
  [
    'a file that is not there',
    { path: `${api}/file=/squall/no.mp4` },
    403,
    { detail: 'File not allowed: /squall/no.mp4.' },
  ],
]

const dependency = having({
  id: number,
  targets: anything,
  inputs: listOf(number),
  outputs: listOf(number),
  backend_fn: truth,
  queue: anything,
  types: having({ generator: truth, cancel: truth }),
  connection: 'sse',
})

const config = having({
  version: matching(/^5\.29\./),
  api_prefix: api,
  mode: 'blocks',
  app_id: number,
  components: listOf(having({ id: number, type: text, props: anything })),
  dependencies: listOf(dependency),
  connect_heartbeat: true,
  enable_queue: true,
  show_error: false,
  protocol: 'sse_v3',
  root: matching(/^https?:\/\//),
})

const tables: readonly Case<GradioTarget>[] = rows.map(([name, sent, status, body, headers = {}]) => ({
  name,
  run: async (target) => {
    const answer = await target.send(sent)
    const got = { status: answer.status, body: jsonOf(answer), headers: answer.headers }
    check(`${sent.method ?? 'GET'} ${sent.path}`, got, { status, body, headers: having(headers) })
  },
}))

/** The group. */
export const surfaceCases: Group<GradioTarget> = {
  name: 'surface',
  cases: [
    {
      name: 'the configuration has the fields of 5.29, and its root as the caller sees it',
      run: async ({ json: get, url }) => {
        const got = await get('/config')
        check('GET /config', got, config)
        check('root', (got as { root: string }).root, new URL(url).href.replace(/\/$/, ''))
      },
    },
    {
      name: 'the chain can be resolved by name',
      needs: ['chain'],
      run: async ({ named, json: get }) => {
        const { named_endpoints: endpoints, unnamed_endpoints: unnamed } = (await get(`${api}/info`)) as {
          named_endpoints: Record<string, unknown>
          unnamed_endpoints: unknown
        }
        check('unnamed_endpoints', unnamed, {})
        const { api_name: name } = named('process_tasks')
        check(
          `/${name}`,
          endpoints[`/${name}`],
          having({ parameters: [], returns: listOf(having({ component: text })) }),
        )
      },
    },
    {
      name: 'states are among the inputs, not among the parameters',
      needs: ['chain'],
      run: async ({ named, json: get }) => {
        const { api_name: name, inputs } = named('process_prompt_and_add_tasks')
        const { named_endpoints: endpoints } = (await get(`${api}/info`)) as {
          named_endpoints: Record<string, { parameters: unknown[] }>
        }
        check('parameters', endpoints[`/${name}`]?.parameters.length, inputs.length - 1)
      },
    },
    ...tables,
    {
      name: 'join of an unknown function is a traceback in plain text',
      run: async ({ send }) => {
        const answer = await send(post('/queue/join', { data: [], fn_index: 99_999, session_hash: 's' }))
        check(
          'join',
          { ...answer, bytes: undefined },
          having({ status: 500, text: matching(/^Traceback [^]*KeyError: 99999/) }),
        )
        check('type', answer.headers['content-type'], 'text/plain; charset=utf-8')
      },
    },
    ...fileCases(),
    {
      name: 'heartbeat: ALIVE at once, and again after 15 s',
      budgetMs: 30_000,
      run: async ({ url }) => {
        using reader = await openEvents(url, { path: `${api}/heartbeat/${freshSession()}` })
        check('type', reader.contentType, matching(/^text\/event-stream/))
        check('first', await reader.next(5000), { event: undefined, data: 'ALIVE' })
        check('second', await reader.next(20_000), { event: undefined, data: 'ALIVE' })
      },
    },
  ],
}

const boundary = 'squall'

/** A form with one file in field `files`. */
function upload(fileName: string, bytes: string): Sent {
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="files"; filename="${fileName}"\r\n\r\n`
  return {
    method: 'POST',
    path: `${api}/upload`,
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: `${head}${bytes}\r\n--${boundary}--\r\n`,
  }
}

function fileCases(): readonly Case<GradioTarget>[] {
  return [
    {
      name: 'an upload can be fetched whole, in part, and its head',
      run: async (target) => {
        const answer = await target.send(upload('in put.png', '0123456789'))
        const paths = jsonOf(answer)
        check(
          'upload',
          { status: answer.status, paths },
          { status: 200, paths: [matching(/\/[0-9a-f]{64}\/in ?put\.png$/)] },
        )
        const path = `${api}/file=${encodeURI((paths as [string])[0])}`
        check('whole', (await target.send({ path })).text, '0123456789')
        const part = await target.send({ path, headers: { range: 'bytes=2-4' } })
        check(
          'part',
          { status: part.status, text: part.text, range: part.headers['content-range'] },
          {
            status: 206,
            text: '234',
            range: 'bytes 2-4/10',
          },
        )
        const head = await target.send({ path, method: 'HEAD' })
        check(
          'head',
          { status: head.status, headers: head.headers, text: head.text },
          {
            status: 200,
            headers: having({ 'accept-ranges': 'bytes', 'content-length': '10' }),
            text: '',
          },
        )
      },
    },
    {
      name: 'the same bytes have the same path',
      run: async (target) => {
        const path = async (): Promise<unknown> => jsonOf(await target.send(upload('same.png', 'squall')))
        check('paths', await path(), await path())
      },
    },
  ]
}
