/**
 * The JSON of a request as LiteLLM 1.101.6 reads it, all measured: nothing, bytes that are no UTF-8 and nesting
 * beyond its parser's depth count as `{}`; broken text is a 400; JSON that is no object ends in its outermost error
 * handler, which also closes the connection.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { BodyTooLarge, readBody, sendJson } from '@squall/twin-kit'
import { ProxyFailure } from './failure.ts'

export type Body = Readonly<Record<string, unknown>>

/** Room for a conversation with many inline images. The real server takes everything; a twin stays small. */
const bodyBytesMax = 32 * 1024 * 1024
/** Of orjson. */
const depthMax = 1024

/** The body, or undefined when the response is written already. @throws ProxyFailure 400 or 413. */
export async function readJson(
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Body | undefined> {
  const text = await textOf(request)
  const isForm = request.headers['content-type']?.includes('form-urlencoded') ?? false
  const value = isForm ? Object.fromEntries(new URLSearchParams(text)) : parsed(text)
  if (isObject(value)) {
    if (isDeeperThan(value, depthMax)) return {}
    if (!Array.isArray(value)) return value as Body
  }
  response.shouldKeepAlive = false
  sendJson(response, 500, { error: { message: 'Internal server error', type: 'internal_server_error' } })
  return undefined
}

async function textOf(request: IncomingMessage): Promise<string> {
  try {
    const bytes = await readBody(request, { bytesMax: bodyBytesMax })
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    if (error instanceof BodyTooLarge) throw refused(413, 'Request body too large')
    if (error instanceof TypeError) return ''
    throw error
  }
}

function parsed(text: string): unknown {
  try {
    return text === '' ? {} : (JSON.parse(text) as unknown)
  } catch (error) {
    throw refused(400, `Invalid JSON payload: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Walks level by level, so that depth costs no stack. */
function isDeeperThan(value: object, levels: number): boolean {
  let level: readonly object[] = [value]
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > levels) return true
    level = level.flatMap((one) => Object.values(one).filter(isObject))
  }
  return false
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function refused(status: number, message: string): ProxyFailure {
  return new ProxyFailure({ status, message, type: 'invalid_request_error', param: 'request_body' })
}
