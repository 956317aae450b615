/**
 * The control port: how a harness or a person breaks the twin, heals it and looks inside. It is a server of its own,
 * so that nothing of it can be reached through the public port, and it answers nobody without the token.
 *
 *   GET    /              what there is
 *   GET    /points        the fault points of this twin
 *   GET    /faults        faults in force, with how often each was met and bit
 *   POST   /faults        arm one fault or a list; all or none
 *   DELETE /faults[/:id]  heal all or one
 *   GET    /journal       lines since ?after=N
 *   GET    /state         queues, sessions, GPU
 *   POST   /reset         as after a restart; {"files": true} empties the data folder too
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { readBody } from '../body.ts'
import { BodyTooLarge, TwinError } from '../errors.ts'
import type { Faults } from '../faults/faults.ts'
import { createServer } from '../http-server.ts'
import { sendJson } from '../json.ts'
import { listen, shownHost } from '../listen.ts'
import { isTooDeep } from '../nesting.ts'
import { isAuthorized } from './control-token.ts'
import type { JournalRecord } from './journal-record.ts'

/** What the control port controls. */
export type ControlTarget = {
  readonly name: string
  readonly url: () => string
  readonly faults: Faults
  readonly journal: JournalRecord
  readonly state: () => unknown
  readonly reset: (options: { readonly files: boolean }) => Promise<void>
}

const bodyBytesMax = 1024 * 1024
const endpoints = [
  'GET /points',
  'GET /faults',
  'POST /faults',
  'DELETE /faults',
  'DELETE /faults/:id',
  'GET /journal?after=N',
  'GET /state',
  'POST /reset',
]

/** Listens on `host:port` (0 = any). Throws TwinError `port-in-use` or `cannot-listen`. */
export async function serveControl(
  target: ControlTarget,
  options: { readonly host: string; readonly port: number; readonly token: string },
): Promise<{ readonly url: string; readonly close: () => void }> {
  const server = createServer((request, response) => {
    void respond(target, options.token, request, response)
  })
  // A client of the control port has no business here for longer.
  server.requestTimeout = 10_000
  const { port, address } = await listen(server, options, '--control-port')
  return {
    url: `http://${shownHost(address)}:${port}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function respond(
  target: ControlTarget,
  token: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isAuthorized(request.headers.authorization, token)) {
    request.resume()
    const message =
      'Cannot use the control port: the token is missing or wrong; send it as "Authorization: Bearer ..."'
    sendJson(response, 401, refusal('no-token', message))
    return
  }
  try {
    await route(target, request, response)
  } catch (error) {
    if (!response.headersSent) sendFailure(response, error)
  }
}

function sendFailure(response: ServerResponse, error: unknown): void {
  if (error instanceof BodyTooLarge) sendJson(response, 413, refusal(error.code, error.message))
  else if (error instanceof TwinError) sendJson(response, 400, refusal(error.code, error.message))
  else if (error instanceof SyntaxError) {
    sendJson(response, 400, refusal('bad-json', `Cannot read the request: ${error.message}; send JSON`))
  } else sendJson(response, 500, refusal('failed', error instanceof Error ? error.message : String(error)))
}

async function route(
  target: ControlTarget,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://control')
  const [, topic = '', id] = url.pathname.split('/')
  const { faults } = target
  switch (`${request.method} /${topic}`) {
    case 'GET /':
      return sendJson(response, 200, { name: target.name, url: target.url(), endpoints })
    case 'GET /points':
      return sendJson(response, 200, faults.points)
    case 'GET /faults':
      return sendJson(response, 200, faults.list())
    case 'POST /faults': {
      const { readFaults } = await import('../faults/read-fault.ts')
      const body = await readJson(request)
      const armed = faults.arm(readFaults(body, faults.points))
      return sendJson(response, 201, Array.isArray(body) ? armed : armed[0])
    }
    case 'DELETE /faults':
      if (url.pathname === '/faults') faults.healAll()
      else if (!faults.heal(url.pathname.slice('/faults/'.length))) {
        return sendJson(
          response,
          404,
          refusal('no-fault', `Cannot heal ${id}: no such fault is in force; see GET /faults`),
        )
      }
      return sendJson(response, 200, faults.list())
    case 'GET /journal':
      return sendJson(response, 200, target.journal.after(lineNumber(url.searchParams.get('after'))))
    case 'GET /state':
      return sendJson(response, 200, target.state())
    case 'POST /reset': {
      await target.reset({ files: wantsNoFiles(await readJson(request)) })
      return sendJson(response, 200, target.state())
    }
    default: {
      request.resume()
      const message = `Cannot ${request.method} ${url.pathname}: unknown; use ${endpoints.join(', ')}`
      return sendJson(response, 404, refusal('unknown-endpoint', message))
    }
  }
}

/** Nothing, `{}` or `{"files": true}`; a misspelt wish must not pass for none. */
function wantsNoFiles(body: unknown): boolean {
  const wish = body ?? {}
  const isWish = typeof wish === 'object' && Object.keys(wish).every((key) => key === 'files')
  const { files = false } = wish as { files?: unknown }
  if (isWish && typeof files === 'boolean') return files
  throw new TwinError(
    'bad-query',
    'Cannot reset: the body is not understood; send nothing or {"files": true}',
  )
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const text = (await readBody(request, { bytesMax: bodyBytesMax })).toString('utf8')
  // What cannot be written again must not be armed: the journal and the list would fail on it.
  if (isTooDeep(text))
    throw new TwinError('bad-fault', 'Cannot read the request: it nests too deep; send less')
  return text === '' ? null : (JSON.parse(text) as unknown)
}

function lineNumber(text: string | null): number {
  const number = Number(text ?? 0)
  if (Number.isInteger(number) && number >= 0) return number
  throw new TwinError('bad-query', `Cannot read the journal: after is '${text}'; give a whole number`)
}

function refusal(
  code: string,
  message: string,
): { readonly error: { readonly code: string; readonly message: string } } {
  return { error: { code, message } }
}
