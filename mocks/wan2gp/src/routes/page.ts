/** What a client reads before it calls anything: page, configuration, API description, identity of the process. */
import { type Route, sendJson } from '@squall/twin-kit'
import { configBody } from '../gradio/config.ts'
import { infoBody } from '../gradio/info.ts'
import type { Server } from '../server.ts'
import { rootOf } from './answers.ts'

/** `/`, `/config`, `/gradio_api/info`, `/gradio_api/app_id`, `/gradio_api/startup-events`. */
export function pageRoutes(server: Server): readonly Route[] {
  const { appId, dependencies } = server
  let startupEventsRun = false
  return [
    {
      method: 'GET',
      path: '/',
      handle: ({ response }) => {
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
        response.end('<!doctype html><title>WanGP</title><body>WanGP (twin)</body>')
      },
    },
    {
      method: 'GET',
      path: '/config',
      handle: ({ request, response }) => {
        sendJson(response, 200, configBody({ appId, root: rootOf(request), dependencies }))
      },
    },
    {
      method: 'GET',
      path: '/gradio_api/info',
      handle: ({ response }) => sendJson(response, 200, infoBody(dependencies)),
    },
    {
      method: 'GET',
      path: '/gradio_api/app_id',
      handle: ({ response }) => sendJson(response, 200, { app_id: Number(appId) }),
    },
    {
      method: 'GET',
      path: '/gradio_api/startup-events',
      handle: ({ response }) => {
        sendJson(response, 200, !startupEventsRun)
        startupEventsRun = true
      },
    },
  ]
}
