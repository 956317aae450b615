/** JSON from outside. Nothing about its shape is believed until it was looked at. */
import { ClientError } from '../errors.ts'

export type JsonObject = Readonly<Record<string, unknown>>

/** @throws ClientError `server` / `bad-json`: an HTML error page with status 200 does happen behind proxies. */
export function parseJson(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown
  } catch {
    const message = `Cannot ${what}: the answer is not JSON; something else may be listening there`
    throw new ClientError({ errorClass: 'server', code: 'bad-json', message })
  }
}

/** The value as an object; `{}` if it is anything else, so that lookups end in `undefined` and not in a crash. */
export function asObject(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : []
}

export function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
