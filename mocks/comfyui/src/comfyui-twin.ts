/** The ComfyUI twin as the kit starts it: routes bare and under `/api`, aiohttp's habits around them. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  endWith,
  type Fallback,
  type RequestHandler,
  type Route,
  router,
  type Twin,
  type TwinContext,
  type TwinProgram,
} from '@squall/twin-kit'
import { answerCrash, answerEmpty, answerText } from './answer.ts'
import { type Backend, createBackend } from './backend.ts'
import { compressAnswer } from './compress-answer.ts'
import { onEdge } from './edges.ts'
import { gpuFlags } from './gpu-memory.ts'
import { isForeign } from './guard.ts'
import { httpFlags, limitBody } from './http-options.ts'
import { modelFlags } from './models.ts'
import { type ComfyuiPoint, comfyuiPoints } from './points.ts'
import { previewFlags } from './previews.ts'
import { profileFlags } from './profile.ts'
import { headComplaint, pathOf, refusal } from './request-head.ts'
import { extensionFlags, extensionRoutes } from './routes/extensions.ts'
import { historyRoutes } from './routes/history.ts'
import { internalRoutes } from './routes/internal.ts'
import { jobRoutes } from './routes/jobs.ts'
import { modelFactRoutes } from './routes/model-facts.ts'
import { promptRoutes } from './routes/prompt.ts'
import { queueRoutes } from './routes/queue.ts'
import { serverFactRoutes } from './routes/server-facts.ts'
import { systemStatsRoutes } from './routes/system-stats.ts'
import { isTooLarge, uploadRoutes } from './routes/upload.ts'
import { uploadMaskRoutes } from './routes/upload-mask.ts'
import { userFileRoutes } from './routes/user-files.ts'
import { userRoutes } from './routes/users.ts'
import { viewRoutes } from './routes/view.ts'
import { userFlags } from './users.ts'

/** Program and test entry: name, port, flags and how to build the twin. */
export const comfyuiTwin: TwinProgram<ComfyuiPoint> = {
  name: 'comfyui',
  defaultPort: 8188,
  points: comfyuiPoints,
  flags: {
    ...modelFlags,
    ...extensionFlags,
    ...gpuFlags,
    ...httpFlags,
    ...previewFlags,
    ...userFlags,
    ...profileFlags,
    'test-nodes': { type: 'boolean', description: 'offer the node classes TProgress, TFail, ... as well' },
  },
  create: createComfyui,
  selfCheck: async () => (await import('./self-check.ts')).selfCheck,
}

function createComfyui(context: TwinContext<ComfyuiPoint>): Twin {
  const backend = createBackend(context)
  const { http, profile } = backend
  const routes = [
    promptRoutes,
    queueRoutes,
    historyRoutes,
    viewRoutes,
    uploadRoutes,
    uploadMaskRoutes,
    serverFactRoutes,
    systemStatsRoutes,
    jobRoutes,
    userRoutes,
    userFileRoutes,
    modelFactRoutes,
    extensionRoutes,
    internalRoutes,
  ].flatMap((topic) => topic(backend))
  const route = router(context, [...routes, noUpgrade].map(onEdge).flatMap(everyForm), answerUnrouted)
  return {
    // aiohttp keeps idle connections for an hour, which no experiment outlasts.
    keepAliveMs: 0,
    handle: (request, response) => answer(backend, route, request, response),
    stop: () => backend.worker.stop(),
    state: () => stateOf(backend),
    malformed: refusal,
    upgrades: ({ method, url = '' }) => method === 'GET' && /^(\/api)?\/ws(\?|$)/.test(pathOf(url)),
    upgrade: (request, socket, head) => {
      const complaint = headComplaint(request)
      if (complaint !== undefined) endWith(socket, refusal(complaint))
      else if (http.allowedOrigin === undefined && isForeign(request, profile))
        socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n')
      else void backend.sockets.upgrade(request, socket, head)
    },
  }
}

/** For the control port: what waits and runs, who listens, what is loaded. */
function stateOf({ queue, history, sockets, gpu }: Backend): unknown {
  return {
    running: queue.running()?.promptId ?? null,
    pending: queue.pending().map(({ promptId }) => promptId),
    history: history.entries().length,
    clients: sockets.clients(),
    models: [...gpu.resident],
  }
}

/** Routes that are no part of the application proper and have no second form under `/api`. */
const bareOnly = /^\/(internal\/|extensions\/|index\.html$)/

/** Every route exists bare and under `/api`, and every GET also as HEAD. */
function everyForm(route: Route): Route[] {
  const methods = route.method === 'GET' ? ['GET', 'HEAD'] : [route.method]
  const paths = bareOnly.test(route.path) ? [route.path] : [route.path, `/api${route.path}`]
  return methods.flatMap((method) => paths.map((path) => ({ ...route, method, path })))
}

const noUpgrade: Route = {
  method: 'GET',
  path: '/ws',
  handle: ({ response }) =>
    answerText(response, 400, 'No WebSocket UPGRADE hdr: None\n Can "Upgrade" only to "WebSocket".'),
}

async function answer(
  { log, http, profile }: Backend,
  route: RequestHandler,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const complaint = headComplaint(request)
  if (complaint !== undefined) return endWith(request.socket, refusal(complaint))
  if (request.url?.startsWith('h') === true) request.url = pathOf(request.url)
  response.setHeader('server', 'Python/3.11 aiohttp/3.14.3')
  // aiohttp does not mention the connection unless it closes it.
  response.removeHeader('connection')
  limitBody(request, http.bodyBytesMax)
  if (http.compresses) compressAnswer(request, response)
  try {
    if (http.allowedOrigin !== undefined) allowOrigin(response, http.allowedOrigin)
    else if (isForeign(request, profile)) return answerEmpty(response, 403)
    if (request.method === 'OPTIONS') answerEmpty(response)
    else await route(request, response)
  } catch (error) {
    if (response.headersSent) return void response.destroy()
    // Raised answers do not come past the code that adds this.
    for (const name of response.getHeaderNames())
      if (name.startsWith('access-control-')) response.removeHeader(name)
    if (isTooLarge(error)) {
      answerText(response, 413, `Maximum request body size ${http.bodyBytesMax} exceeded.`)
    } else {
      // aiohttp writes the traceback to the log, which is where to look for the reason of a 500.
      log.write(`Error handling request from ${request.socket.remoteAddress}: ${String(error)}`, 'ERROR')
      answerCrash(response)
    }
  }
}

/** Added to every answer with `--enable-cors-header`; the golden notes show the first one of four (golden 15). */
function allowOrigin(response: ServerResponse, origin: string): void {
  response.setHeader('access-control-allow-origin', origin)
  response.setHeader('access-control-allow-methods', 'POST, GET, DELETE, PUT, OPTIONS, PATCH')
  response.setHeader('access-control-allow-headers', 'Content-Type, Authorization')
  response.setHeader('access-control-allow-credentials', 'true')
}

/** The static file handler answers unknown paths: it knows GET and HEAD only (golden 05). */
const answerUnrouted: Fallback = (request, response, allowed) => {
  if (request.url?.startsWith('//') === true) {
    answerText(response, 404, '404: Not Found')
    return
  }
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (allowed.length === 0 && isRead) {
    response.writeHead(404, { 'content-type': 'application/octet-stream', 'content-length': 0 }).end()
    return
  }
  response.setHeader('allow', (allowed.length === 0 ? ['GET', 'HEAD'] : allowed).join(','))
  answerText(response, 405, '405: Method Not Allowed')
}
