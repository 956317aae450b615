/**
 * What stands before every route: the Origin rules of a server without `--enable-cors-header`, and OPTIONS
 * (golden 12). Browsers meet these rules, and so do clients behind proxies that rewrite Host.
 */
import type { IncomingMessage } from 'node:http'
import type { Profile } from './profile.ts'

const loopbackHosts = new Set(['localhost', '127.0.0.1', '::1', '[::1]'])

/** Whether the request must be refused with 403. Only loopback hosts are checked against Origin. */
export function isForeign(request: IncomingMessage, { checksFetchSite }: Profile): boolean {
  if (checksFetchSite && request.headers['sec-fetch-site'] === 'cross-site') return true
  const { host, origin } = request.headers
  if (host === undefined || origin === undefined || !URL.canParse(origin)) return false
  const asked = new URL(`http://${host}`)
  if (!loopbackHosts.has(asked.hostname)) return false
  const from = new URL(origin)
  const portsDiffer = asked.port !== '' && from.port !== '' && asked.port !== from.port
  return asked.hostname !== from.hostname || portsDiffer
}
