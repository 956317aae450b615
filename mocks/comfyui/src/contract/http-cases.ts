/** Answers of the HTTP surface that belong to no topic: unknown paths, wrong methods, broken bodies, origins. */
import type { Case, Group } from '@squall/twin-kit/conformance/case'
import { check, having, matching, oneOf } from '@squall/twin-kit/conformance/compare'
import type { Sent } from '@squall/twin-kit/conformance/send'
import type { ComfyuiTarget } from './comfyui-target.ts'

type Row = readonly [
  name: string,
  sent: Sent,
  expected: Readonly<Record<string, unknown>>,
  ...needs: string[],
]

/** What aiohttp says of an exception nobody caught (comfyui.md 1, measured in 05). */
export const crashed = {
  status: 500,
  text: '500 Internal Server Error\n\nServer got itself in trouble',
  headers: having({ 'content-type': 'text/plain; charset=utf-8', connection: 'close' }),
}

const json = { 'content-type': 'application/json' }
const wrongMethod = { status: 405, text: '405: Method Not Allowed' }
const nothingThere = { status: 404, text: '' }
const refused = { status: 403, text: '' }

const rows: readonly Row[] = [
  ['the page is never cached', { path: '/' }, { status: 200, headers: page() }],
  ['an unknown path', { path: '/squall-nowhere' }, nothingThere],
  ['an unknown path under /api', { path: '/api/squall-nowhere' }, nothingThere],
  ['a POST to an unknown path', { method: 'POST', path: '/squall-nowhere' }, wrongMethod],
  ['a trailing slash', { path: '/prompt/' }, nothingThere],
  [
    'a wrong method',
    { method: 'PUT', path: '/prompt' },
    { ...wrongMethod, headers: allowed('GET,HEAD,POST') },
  ],
  ['another wrong method', { method: 'DELETE', path: '/queue' }, wrongMethod],
  ['OPTIONS', { method: 'OPTIONS', path: '/prompt' }, { status: 200, text: '' }],
  ['HEAD', { method: 'HEAD', path: '/prompt' }, { status: 200, text: '', headers: jsonType() }],
  ['/ws without an upgrade', { path: '/ws' }, { status: 400, text: matching(/upgrade/i) }],
  ['jobs exist under /api only', { path: '/jobs' }, nothingThere],
  ['internal routes exist bare only', { path: '/api/internal/logs' }, nothingThere],
  [
    'JSON is spelled as Python does',
    { path: '/prompt' },
    { status: 200, text: matching(/^\{"exec_info": \{"/) },
  ],
  ['a request line that is too long', { path: `/prompt?x=${'x'.repeat(9000)}` }, { status: 400 }],
  ...['/prompt', '/queue', '/history', '/free'].map(
    (path): Row => [
      `${path}: a body that is no JSON`,
      { method: 'POST', path, headers: json, body: '{"x":' },
      crashed,
    ],
  ),
  ['/interrupt: a JSON list', { method: 'POST', path: '/interrupt', headers: json, body: '[]' }, crashed],
  ['a foreign origin', { path: '/prompt', headers: { origin: 'http://evil.example' } }, refused, 'loopback'],
  [
    'a cross-site fetch',
    { path: '/prompt', headers: { 'sec-fetch-site': 'cross-site' } },
    refused,
    'loopback',
  ],
  ['a same-site fetch', { path: '/prompt', headers: { 'sec-fetch-site': 'same-origin' } }, { status: 200 }],
]

/** The group. */
export const httpCases: Group<ComfyuiTarget> = {
  name: 'http',
  cases: [
    ...rows.map(
      ([name, sent, expected, ...needs]): Case<ComfyuiTarget> => ({
        name,
        needs,
        run: async ({ send }) => {
          check(`${sent.method ?? 'GET'} ${sent.path.slice(0, 60)}`, await send(sent), having(expected))
        },
      }),
    ),
    {
      name: 'every route exists under /api too',
      run: async ({ json: get }) => {
        for (const path of ['/prompt', '/queue', '/features', '/models', '/extensions', '/users']) {
          check(`/api${path} against ${path}`, await get(`/api${path}`), await get(path))
        }
      },
    },
    {
      name: 'the own origin is no foreign one',
      needs: ['loopback'],
      run: async ({ send, url }) => {
        const { host, origin } = new URL(url)
        const { status } = await send({ path: '/prompt', headers: { host, origin } })
        check('status', status, 200)
      },
    },
  ],
}

function page(): unknown {
  return having({ 'cache-control': matching(/no-store|no-cache/), 'content-type': matching(/^text\/html/) })
}

function allowed(methods: string): unknown {
  return having({ allow: methods })
}

function jsonType(): unknown {
  return having({ 'content-type': oneOf('application/json; charset=utf-8') })
}
