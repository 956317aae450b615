/**
 * Authentication in LiteLLM's order, for a proxy without a database: no key, no scheme, then the master key, and
 * for every other key "No connected db." The check for the `sk-` prefix comes after the database check in
 * 1.101.6, so without a database it never answers; older releases asked for `sk-` first (401).
 */
import type { IncomingMessage } from 'node:http'
import { ProxyFailure } from './failure.ts'

/** @throws ProxyFailure 401 or 400. Without a master key everybody passes. */
export function authenticate(request: IncomingMessage, masterKey: string | undefined): void {
  if (masterKey === undefined) return
  const key = keyOf(request)
  if (key === undefined) throw refused('No api key passed in.')
  if (key === '') throw refused('Malformed API Key passed in. Ensure Key has `Bearer ` prefix.')
  if (key === masterKey) return
  throw new ProxyFailure({ status: 400, message: 'No connected db.', type: 'no_db_connection' })
}

/** The first header that carries a key; empty when it has no scheme LiteLLM knows. */
function keyOf({ headers }: IncomingMessage): string | undefined {
  const own = headers['x-litellm-api-key']
  if (typeof own === 'string') return own.replace(/^(Bearer|bearer|Basic) /, '')
  const authorization = headers.authorization
  if (authorization !== undefined) return /^(?:Bearer|bearer|Basic) (.*)$/.exec(authorization)?.[1] ?? ''
  const other = headers['api-key'] ?? headers['x-api-key']
  return typeof other === 'string' ? other : undefined
}

function refused(message: string): ProxyFailure {
  return new ProxyFailure({
    status: 401,
    message: `Authentication Error, ${message}`,
    type: 'auth_error',
    param: 'None',
  })
}
