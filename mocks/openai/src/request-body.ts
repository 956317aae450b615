/**
 * Reads request bodies the way the real API does: unknown fields are ignored, wrong ones refused with the
 * parameter's name. Only fields that change this twin's behaviour are looked at.
 */
import type { IncomingMessage } from 'node:http'
import { isTooDeep, readBody } from '@squall/twin-kit'
import { ApiFailure } from './failure.ts'

/** Room for a conversation with a few inline images. */
const bodyBytesMax = 32 * 1024 * 1024

export type Body = Readonly<Record<string, unknown>>

/** @throws ApiFailure 400 when the body is no JSON object. */
export async function readJsonObject(request: IncomingMessage): Promise<Body> {
  const text = (await readBody(request, { bytesMax: bodyBytesMax })).toString('utf8')
  const value = isTooDeep(text) ? undefined : parsed(text)
  if (isObject(value)) return value
  throw new ApiFailure({ status: 400, message: 'We could not parse the JSON body of your request.' })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function isObject(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** @throws ApiFailure 400 when the field is missing or empty. */
export function requiredString(body: Body, param: string): string {
  const value = body[param]
  if (typeof value === 'string' && value !== '') return value
  throw missing(param)
}

/** A whole number of at least 1, or undefined when absent. @throws ApiFailure 400 for anything else. */
export function optionalCount(body: Body, param: string): number | undefined {
  const value = body[param]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return value
  throw invalid(param, 'expected a whole number of at least 1')
}

/** The caller's `user`: the journal's client id. */
export function clientIdOf(body: Body): string | undefined {
  return typeof body['user'] === 'string' ? body['user'] : undefined
}

/** This twin gives one choice. @throws ApiFailure 400 for `n` above 1. */
export function refuseManyChoices(body: Body): void {
  if ((optionalCount(body, 'n') ?? 1) > 1) throw invalid('n', 'this twin gives one choice')
}

export function missing(param: string): ApiFailure {
  const message = `Missing required parameter: '${param}'.`
  return new ApiFailure({ status: 400, message, param, code: 'missing_required_parameter' })
}

export function invalid(param: string, why: string): ApiFailure {
  return new ApiFailure({ status: 400, message: `Invalid '${param}': ${why}.`, param, code: 'invalid_value' })
}
