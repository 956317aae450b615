/** How aiohttp answers: its JSON spelling, its error texts, its headers (golden 05, 12). */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isTooDeep, parsePython, readBody, sendJson, stringifyPython } from '@squall/twin-kit'
import { bodyLimit } from './http-options.ts'

/** Sends JSON as the real server spells it. */
export function answerJson(response: ServerResponse, body: unknown, status = 200): void {
  sendJson(response, status, body, { 'content-type': 'application/json; charset=utf-8' }, stringifyPython)
}

/** Sends a status without a body. */
export function answerEmpty(response: ServerResponse, status = 200): void {
  response.writeHead(status, { 'content-length': 0 }).end()
}

/** Sends a plain text. */
export function answerText(response: ServerResponse, status: number, text: string): void {
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'content-length': Buffer.byteLength(text) }
  response.writeHead(status, headers).end(text)
}

/** What an unhandled exception looks like to a client. */
export function answerCrash(response: ServerResponse): void {
  response.setHeader('connection', 'close')
  answerText(response, 500, '500 Internal Server Error\n\nServer got itself in trouble')
}

/** Reads a JSON body. Malformed JSON throws, and the route answers 500, not 400 (golden 05). */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const body = await readBody(request, bodyLimit(request))
  const charset = /charset="?([^\s;"]+)/i.exec(request.headers['content-type'] ?? '')?.[1]
  const text = decode(body, charset ?? 'utf-8')
  if (isTooDeep(text)) throw new RangeError('maximum recursion depth exceeded')
  return parsePython(text)
}

/** Bytes of another encoding, a byte order mark and unknown encodings raise, as in Python (aiohttp 3.14.3, measured). */
function decode(bytes: Buffer, charset: string): string {
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new TypeError(`the body is not text in ${charset}`, { cause })
  }
}

/** A JSON body that must be an object, as where the real server would raise otherwise. */
export async function readJsonObject(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const body = await readJson(request)
  if (!isObject(body)) throw new TypeError('the body is not a JSON object')
  return body
}

/** Whether a JSON value is an object (not an array, not null). */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
