/** Logging in and out on a server without auth, which Wan2GP is. Measured on Gradio 5.29.0. */
import { type Call, type Route, readMultipart, sendJson, TwinError } from '@squall/twin-kit'
import { readWhole } from '../fastapi/body.ts'
import type { Point } from '../points.ts'
import { rootOf, sendDetail } from './answers.ts'

const formBytesMax = 64 * 1024
const point = 'wan2gp.http.auth' satisfies Point

/** `/login`, `/logout`, `user`, `login_check`, `token`. */
export const authRoutes: readonly Route[] = [
  ...['/login', '/login/'].map((path): Route => ({ method: 'POST', path, point, handle: logIn })),
  { method: 'GET', path: '/logout', point, handle: logOut },
  ...['user', 'login_check'].flatMap((name) => reading(name, null)),
  ...reading('token', { token: null, user: null }),
]

function reading(name: string, body: unknown): readonly Route[] {
  return ['', '/'].map((end) => ({
    method: 'GET',
    path: `/gradio_api/${name}${end}`,
    point,
    handle: ({ response }) => sendJson(response, 200, body),
  }))
}

/** Any name and password will do: there is nothing to be let in to. */
async function logIn({ request, response }: Call): Promise<void> {
  const fields = await formFields(request, response)
  if (fields === undefined) return
  const missing = ['username', 'password'].filter((name) => !fields.has(name))
  if (missing.length > 0) {
    const problems = missing.map((name) => ({
      type: 'missing',
      loc: ['body', name],
      msg: 'Field required',
      input: null,
    }))
    sendDetail(response, 422, problems)
  } else response.writeHead(302, { location: rootOf(request), 'content-length': 0 }).end()
}

function logOut({ request, response }: Call): void {
  const cookie = (name: string): string => `${name}=""; Max-Age=0; Path=/; SameSite=lax`
  response
    .writeHead(302, {
      location: rootOf(request),
      'set-cookie': [cookie('access-token-twin'), cookie('access-token-unsecure-twin')],
      'content-length': 0,
    })
    .end()
}

async function formFields(
  request: Call['request'],
  response: Call['response'],
): Promise<ReadonlySet<string> | undefined> {
  const type = request.headers['content-type'] ?? ''
  try {
    if (type.startsWith('multipart/form-data')) {
      const { fields } = await readMultipart(request, { bytesMax: formBytesMax })
      return new Set(fields.keys())
    }
    const bytes = await readWhole(request, response)
    if (bytes === undefined) return undefined
    const isForm = type.startsWith('application/x-www-form-urlencoded')
    return new Set(isForm ? new URLSearchParams(bytes.toString('utf8')).keys() : [])
  } catch (error) {
    if (error instanceof TwinError) return new Set()
    throw error
  }
}
