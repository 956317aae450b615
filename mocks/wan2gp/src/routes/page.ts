/**
 * What a client reads before it calls anything: page, configuration, API description, identity of the process, and
 * the small things that a browser asks for. Answers measured on Gradio 5.29.0.
 */
import { type Route, sendJson } from '@squall/twin-kit'
import { configBody } from '../gradio/config.ts'
import { infoBody } from '../gradio/info.ts'
import { openapiBody } from '../gradio/openapi.ts'
import type { Point } from '../points.ts'
import type { Server } from '../server.ts'
import { rootOf, sendDetail, sendMissingQuery, sendText } from './answers.ts'

/** Routes of the page. */
export function pageRoutes(server: Server): readonly Route[] {
  return [...descriptionRoutes(server), ...browserRoutes]
}

function descriptionRoutes(server: Server): readonly Route[] {
  const { appId, dependencies, styleBytes } = server
  const get = (path: string, point: Point, handle: Route['handle']): Route => ({
    method: 'GET',
    path,
    point,
    handle,
  })
  const bothSlashes = (path: string, point: Point, handle: Route['handle']): readonly Route[] =>
    ['', '/'].map((end) => get(`${path}${end}`, point, handle))
  return [
    ...bothSlashes('/config', 'wan2gp.http.config', ({ request, response }) =>
      sendJson(response, 200, configBody({ appId, root: rootOf(request), dependencies, styleBytes })),
    ),
    ...bothSlashes('/gradio_api/info', 'wan2gp.http.info', ({ response }) =>
      sendJson(response, 200, infoBody(dependencies)),
    ),
    get('/gradio_api/openapi.json', 'wan2gp.http.openapi', ({ response }) =>
      sendJson(response, 200, openapiBody(dependencies)),
    ),
    ...bothSlashes('/gradio_api/app_id', 'wan2gp.http.app-id', ({ response }) =>
      sendJson(response, 200, { app_id: Number(appId) }),
    ),
    get('/gradio_api/startup-events', 'wan2gp.http.startup-events', ({ response }) => {
      // True for the first caller only, which is the launch itself (measured on Gradio 5.29.0).
      sendJson(response, 200, false)
    }),
  ]
}

/** What only a browser asks for: small, but with the status and type of the real answers. */
const page = (path: string, handle: Route['handle'], method = 'GET'): Route => ({
  method,
  path,
  point: 'wan2gp.http.page' satisfies Point,
  handle,
})
const html = '<!doctype html><title>WanGP</title><body>WanGP (twin)</body>'
const browserRoutes: readonly Route[] = [
  page('/', ({ response }) => sendText(response, 200, html, 'text/html')),
  page('/', ({ response }) => sendText(response, 200, html, 'text/html'), 'HEAD'),
  page('/theme.css', ({ response }) => sendText(response, 200, ':root {}', 'text/css')),
  page('/gradio_api/theme.css', ({ response }) => sendText(response, 200, ':root {}', 'text/css')),
  page('/robots.txt', ({ response }) => sendText(response, 200, 'User-agent: *\nDisallow: ')),
  page('/manifest.json', ({ response }) => sendDetail(response, 404, 'Not Found')),
  page('/favicon.ico', ({ response }) => {
    response.writeHead(200, { 'content-type': 'image/svg+xml' }).end('<svg/>')
  }),
  page('/monitoring', ({ response }) =>
    sendText(response, 200, 'See console for monitoring URL.', 'text/html'),
  ),
  page('/monitoring/:key', ({ response }) => sendDetail(response, 403, 'Invalid key.')),
  page('/gradio_api/deep_link', ({ response, query }) =>
    query.has('session_hash') ? sendJson(response, 200, '') : sendMissingQuery(response, 'session_hash'),
  ),
]
