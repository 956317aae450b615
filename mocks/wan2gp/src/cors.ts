/**
 * Gradio's CORS rules: with a local Host only local pages get `Access-Control-Allow-Origin`, with any other Host every
 * page does. Nothing is refused; the browser is who obeys. Measured on Gradio 5.29.0.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendText } from './routes/answers.ts'

const localNames = new Set(['localhost', '127.0.0.1', '0.0.0.0'])
const methods = 'DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT'

/** Sets the headers; answers a preflight itself and says so. */
export function passCors(request: IncomingMessage, response: ServerResponse): 'answered' | 'goes on' {
  const { origin, host = '' } = request.headers
  if (origin === undefined) return 'goes on'
  const isAllowed = !localNames.has(nameOf(host)) || localNames.has(nameOf(origin))
  response.setHeader('access-control-allow-credentials', 'true')
  if (isAllowed) response.setHeader('access-control-allow-origin', origin)
  if (request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined) {
    response.setHeader('access-control-allow-methods', methods)
    response.setHeader('access-control-max-age', '600')
    const asked = request.headers['access-control-request-headers']
    if (asked !== undefined) response.setHeader('access-control-allow-headers', asked)
    sendText(response, 200, 'OK')
    return 'answered'
  }
  if (isAllowed) response.setHeader('vary', 'Origin')
  return 'goes on'
}

/** Host name of `host:port` or of an origin. */
function nameOf(address: string): string {
  const url = address.includes('://') ? address : `http://${address}`
  return URL.canParse(url) ? new URL(url).hostname : address
}
