/**
 * Authentication in LiteLLM's order, for a proxy without a database: no key, no scheme, then the master key, and
 * for every other key "No connected db." The check for the `sk-` prefix comes after the database check in
 * 1.101.6, so without a database it never answers; older releases asked for `sk-` first (401).
 */
import type { IncomingMessage } from 'node:http'
import { ProxyFailure } from './failure.ts'
import type { Gateway } from './gateway.ts'

/** @throws ProxyFailure 401 or 400. Without a master key everybody passes. */
export async function authenticate({ config, context }: Gateway, request: IncomingMessage): Promise<void> {
  const outcome = await context.faults.step('litellm.auth.check', { path: request.url?.split('?')[0] })
  if (outcome.kind === 'fail') throw broken[outcome.as as keyof typeof broken]()
  if (outcome.kind === 'skip' || config.masterKey === undefined) return
  const key = keyOf(request)
  if (key === undefined) throw refused('No api key passed in.')
  if (key === '') throw refused('Malformed API Key passed in. Ensure Key has `Bearer ` prefix.')
  if (key !== config.masterKey) throw unconnected()
}

/** Authentication that fails although the key is good, as when the database is out of reach. */
const broken = {
  unauthorized: () => refused('too many clients already'),
  'no-database': unconnected,
  'server-error': () =>
    new ProxyFailure({ status: 500, message: 'Internal server error', type: 'internal_server_error' }),
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

function unconnected(): ProxyFailure {
  return new ProxyFailure({ status: 400, message: 'No connected db.', type: 'no_db_connection' })
}

function refused(message: string): ProxyFailure {
  return new ProxyFailure({
    status: 401,
    message: `Authentication Error, ${message}`,
    type: 'auth_error',
    param: 'None',
  })
}
