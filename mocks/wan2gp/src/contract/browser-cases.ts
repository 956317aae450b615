/** What browsers and proxies meet: origins, redirects, pages beside the API, uploads in progress (measured on 5.29.0). */
import type { Case, Group } from '@squall/twin-kit/conformance/case'
import { anything, check, having, matching, text } from '@squall/twin-kit/conformance/compare'
import { jsonOf, type Sent } from '@squall/twin-kit/conformance/send'
import type { GradioTarget } from './gradio-target.ts'

const api = '/gradio_api'
const local = 'http://localhost:3000'

type Row = readonly [
  name: string,
  sent: Sent,
  expected: Readonly<Record<string, unknown>>,
  ...needs: string[],
]

const allowed = having({ 'access-control-allow-origin': local, vary: matching(/Origin/) })
/** The request is carried out all the same; it is the browser that keeps the answer back. */
const notAllowed = having({ 'access-control-allow-origin': undefined })
const preflight = (origin: string): Sent => ({
  method: 'OPTIONS',
  path: `${api}/queue/join`,
  headers: { origin, 'access-control-request-method': 'POST' },
})

const rows: readonly Row[] = [
  [
    'a local origin is allowed',
    { path: `${api}/app_id`, headers: { origin: local } },
    { status: 200, headers: allowed },
    'loopback',
  ],
  [
    'a foreign origin is not',
    { path: `${api}/app_id`, headers: { origin: 'http://evil.example' } },
    { status: 200, headers: notAllowed },
    'loopback',
  ],
  [
    'nor is none',
    { path: `${api}/app_id`, headers: { origin: 'null' } },
    { status: 200, headers: notAllowed },
  ],
  [
    'a question before a POST',
    preflight(local),
    {
      status: 200,
      text: 'OK',
      headers: having({ 'access-control-allow-origin': local, 'access-control-allow-methods': text }),
    },
    'loopback',
  ],
  [
    'the same from elsewhere',
    preflight('http://evil.example'),
    { status: 200, text: 'OK', headers: notAllowed },
    'loopback',
  ],
  [
    'robots are kept out',
    { path: '/robots.txt' },
    { status: 200, text: matching(/^User-agent: \*\nDisallow: ?$/m) },
  ],
  [
    'a theme',
    { path: '/theme.css' },
    { status: 200, headers: having({ 'content-type': 'text/css; charset=utf-8' }) },
  ],
  [
    'HEAD of the configuration',
    { method: 'HEAD', path: '/config' },
    { status: 405, text: '', headers: having({ allow: 'GET' }) },
  ],
  [
    'a file elsewhere is a redirect',
    { path: `${api}/file=http://files.example/x.png` },
    { status: 302, headers: having({ location: 'http://files.example/x.png' }) },
  ],
  [
    'progress of no upload',
    { path: `${api}/upload_progress?upload_id=squall` },
    { status: 404, text: 'Upload not found' },
  ],
]

/** The group. */
export const browserCases: Group<GradioTarget> = {
  name: 'browser',
  cases: [
    ...rows.map(
      ([name, sent, expected, ...needs]): Case<GradioTarget> => ({
        name,
        needs,
        run: async ({ send }) =>
          check(`${sent.method ?? 'GET'} ${sent.path}`, await send(sent), having(expected)),
      }),
    ),
    {
      name: 'the stream wants a session',
      run: async ({ send }) => {
        const answer = await send({ path: `${api}/queue/data` })
        const detail = having({ type: 'missing', loc: ['query', 'session_hash'], msg: 'Field required' })
        check(
          'GET',
          { status: answer.status, body: jsonOf(answer) },
          { status: 422, body: { detail: [detail] } },
        )
      },
    },
    {
      name: 'the description for other programs',
      needs: ['chain'],
      run: async ({ send, named }) => {
        const path = `/run/${named('process_tasks').api_name}`
        const body = jsonOf(await send({ path: `${api}/openapi.json` }))
        check(
          'GET',
          body,
          having({
            openapi: '3.0.2',
            info: having({ version: matching(/^5\./) }),
            paths: having({ [path]: anything }),
          }),
        )
      },
    },
  ],
}
