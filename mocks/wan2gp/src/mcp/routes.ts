/**
 * MCP over streamable HTTP, stateless and with JSON answers, as `mcp` 1.10.1 serves it (measured). Odd and true:
 * `/mcp` redirects to `/mcp/` with 307, and a tool that waits (`wangp_generate` with `wait`) makes the whole server
 * deaf, because FastMCP runs plain functions on its event loop.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { BodyTooLarge, type Call, openEventStream, type Route, readBody, sendJson } from '@squall/twin-kit'
import { parseJson } from '../fastapi/parse-json.ts'
import type { Point } from '../points.ts'
import { sendText } from '../routes/answers.ts'
import type { Server } from '../server.ts'
import type { McpHost } from './host.ts'
import { answer, protocolVersions } from './methods.ts'
import { transferRoutes } from './transfer.ts'

const bodyBytesMax = 16 * 1024 * 1024
const point = 'wan2gp.http.mcp' satisfies Point

/** All routes of the MCP side. */
export function mcpRoutes(server: Server, host: McpHost): readonly Route[] {
  const loop = createLoop()
  const post = (call: Call): Promise<void> => receive({ server, host, loop }, call)
  const redirect = ({ request, response }: Call): void => {
    request.resume()
    response
      .writeHead(307, { location: `http://${request.headers.host ?? ''}/mcp/`, 'content-length': 0 })
      .end()
  }
  const refuse = ({ response }: Call): void =>
    refused(response, 405, 'Method Not Allowed: Session termination not supported')
  return [
    ...['GET', 'POST', 'DELETE'].map((method): Route => ({ method, path: '/mcp', point, handle: redirect })),
    { method: 'POST', path: '/mcp/', point, handle: post },
    { method: 'GET', path: '/mcp/', point, handle: listen },
    { method: 'DELETE', path: '/mcp/', point, handle: refuse },
    ...transferRoutes(host).map((route) => ({
      ...route,
      handle: async (call: Call): Promise<void> => {
        await loop(() => Promise.resolve())
        await route.handle(call)
      },
    })),
  ]
}

type Loop = <T>(work: () => Promise<T>) => Promise<T>

/** One thing at a time, like an event loop that plain functions block. */
function createLoop(): Loop {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const next = last.catch(() => undefined).then(work)
    last = next
    return next
  }
}

async function receive(
  { server, host, loop }: { readonly server: Server; readonly host: McpHost; readonly loop: Loop },
  { request, response }: Call,
): Promise<void> {
  const complaint = complaintAbout(request)
  if (complaint !== undefined) {
    request.resume()
    if (complaint.isPlain) sendText(response, complaint.status, complaint.text)
    else refused(response, complaint.status, complaint.text)
    return
  }
  const text = await bodyText(request, response)
  if (text === undefined) return
  const parsed = parseJson(text)
  if (parsed.kind === 'too-deep') {
    const message =
      'Error handling POST request: maximum recursion depth exceeded while decoding a JSON array'
    return refused(response, 500, message, -32_603)
  }
  if (parsed.kind === 'error') {
    const place = `line 1 column ${parsed.at + 1} (char ${parsed.at})`
    return refused(response, 400, `Parse error: ${parsed.message}: ${place}`, -32_700)
  }
  const message = messageOf(parsed.value)
  if (message === undefined)
    return refused(response, 400, 'Validation error: not a JSON-RPC message', -32_602)
  if (message.id === undefined || message.method === undefined) {
    response.writeHead(202, { 'content-type': 'application/json', 'content-length': 0 }).end()
    return
  }
  const { id, method, params } = message
  const reply = await loop(() => answer(host, server.context.faults, { method, params }))
  sendJson(response, 200, { jsonrpc: '2.0', id, ...reply })
}

type Complaint = { readonly status: number; readonly text: string; readonly isPlain?: true }

/** What is wrong with the headers, in the order in which a real server looks. */
function complaintAbout({ headers }: IncomingMessage): Complaint | undefined {
  if (!(headers['content-type'] ?? '').startsWith('application/json')) {
    return { status: 400, text: 'Invalid Content-Type header', isPlain: true }
  }
  const accepted = headers.accept ?? ''
  if (!accepted.includes('application/json') || !accepted.includes('text/event-stream')) {
    const text = 'Not Acceptable: Client must accept both application/json and text/event-stream'
    return { status: 406, text }
  }
  const version = headers['mcp-protocol-version']
  if (version === undefined || protocolVersions.some((known) => known === version)) return undefined
  const text = `Bad Request: Unsupported protocol version: ${String(version)}. Supported versions: ${protocolVersions.join(', ')}`
  return { status: 400, text }
}

async function bodyText(request: IncomingMessage, response: ServerResponse): Promise<string | undefined> {
  try {
    return (await readBody(request, { bytesMax: bodyBytesMax })).toString('utf8')
  } catch (error) {
    if (!(error instanceof BodyTooLarge)) throw error
    response.setHeader('connection', 'close')
    refused(response, 413, 'Payload too large')
    return undefined
  }
}

type Message = {
  readonly id: string | number | undefined
  readonly method: string | undefined
  readonly params: Readonly<Record<string, unknown>>
}

/** A request, a notification or a response; undefined for anything else, lists included. */
function messageOf(value: unknown): Message | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const { jsonrpc, id, method, params = {} } = value as Readonly<Record<string, unknown>>
  const isAnswer = 'result' in value || 'error' in value
  if (jsonrpc !== '2.0' || (typeof method !== 'string' && !isAnswer)) return undefined
  if (typeof params !== 'object' || params === null || Array.isArray(params)) return undefined
  return {
    id: typeof id === 'string' || typeof id === 'number' ? id : undefined,
    method: typeof method === 'string' ? method : undefined,
    params: { ...params },
  }
}

/** The stream for messages from the server, of which there are none. */
function listen({ request, response }: Call): void {
  if (!(request.headers.accept ?? '').includes('text/event-stream')) {
    return refused(response, 406, 'Not Acceptable: Client must accept text/event-stream')
  }
  openEventStream(response, { 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' })
}

function refused(response: ServerResponse, status: number, message: string, code = -32_600): void {
  sendJson(response, status, { jsonrpc: '2.0', id: 'server-error', error: { code, message } })
}
