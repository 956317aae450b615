/** The Wan2GP twin: a Gradio 5.29 server with the generate chain of Wan2GP. See the README for what is missing. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  type FlagDefinitions,
  type Route,
  router,
  type Twin,
  type TwinContext,
  type TwinDefinition,
  throughFaults,
} from '@squall/twin-kit'
import { passCors } from './cors.ts'
import { gpuFlags } from './generate-chain/gpu-memory.ts'
import { type Point, points } from './points.ts'
import { sendDetail } from './routes/answers.ts'
import { authRoutes } from './routes/auth.ts'
import { callRoutes } from './routes/call.ts'
import { componentServerRoutes } from './routes/component-server.ts'
import { pageRoutes } from './routes/page.ts'
import { queueRoutes } from './routes/queue.ts'
import { runRoutes } from './routes/run.ts'
import { filePathOf, sendFile } from './routes/send-file.ts'
import { streamRoutes } from './routes/stream.ts'
import { uploadRoute } from './routes/upload.ts'
import { uploadProgressRoute } from './routes/upload-progress.ts'
import { createServer, type Server } from './server.ts'

/** What the kit needs to start the twin. */
export const wan2gpTwin: TwinDefinition<Point> = { name: 'wan2gp', points, create }

/** Flags beyond the common ones. */
export const flags: FlagDefinitions = {
  'config-kb': {
    type: 'string',
    description: 'make /config longer by so many kilobytes, as the real page is',
    default: '0',
  },
  'heartbeat-s': {
    type: 'string',
    description: 'seconds between heartbeats; a real server has 15',
    default: '15',
  },
  mcp: { type: 'boolean', description: 'also serve MCP at /mcp', default: false },
  ...gpuFlags,
}

async function create(context: TwinContext<Point>): Promise<Twin> {
  const server = createServer(context)
  const routes = [
    ...pageRoutes(server),
    ...authRoutes,
    ...queueRoutes(server),
    ...streamRoutes(server),
    ...runRoutes(server),
    ...callRoutes(server),
    uploadRoute(server),
    uploadProgressRoute(server),
    ...componentServerRoutes,
    ...(context.flags['mcp'] === true ? await mcpOf(server) : []),
  ]
  const route = router(context, routes, (request, response, allowed) =>
    sendUnrouted(routes, { request, response, allowed }),
  )
  return {
    handle: (request, response) => {
      response.setHeader('server', 'uvicorn')
      if (passCors(request, response) === 'answered') return undefined
      const path = filePathOf(request)
      if (path === undefined) return route(request, response)
      return throughFaults(context, 'wan2gp.http.file', { request, response }, () =>
        sendFile(server, request, response, path),
      )
    },
    state: () => stateOf(server),
    stop: server.stop,
  }
}

/** Loaded on demand: most twins are started without it, and should start fast. */
async function mcpOf(server: Server): Promise<readonly Route[]> {
  const [{ createMcpHost }, { mcpRoutes }] = await Promise.all([
    import('./mcp/host.ts'),
    import('./mcp/routes.ts'),
  ])
  return mcpRoutes(server, createMcpHost(server.studio, server.context.url))
}

/** 405 names the methods of the first route of that path; a slash too many is sent to where it is none. */
function sendUnrouted(
  routes: readonly Route[],
  {
    request,
    response,
    allowed,
  }: { request: IncomingMessage; response: ServerResponse; allowed: readonly string[] },
): void {
  const [path = '/'] = (request.url ?? '/').split('?')
  const [first] = allowed
  if (first !== undefined) {
    response.setHeader('allow', first)
    sendDetail(response, 405, 'Method Not Allowed')
  } else if (path.endsWith('/') && path !== '/' && routes.some((each) => each.path === path.slice(0, -1))) {
    const location = `http://${request.headers.host ?? ''}${path.slice(0, -1)}`
    response.writeHead(307, { location, 'content-length': 0 }).end()
  } else if (path.startsWith('/gradio_api/proxy=')) {
    sendDetail(response, 400, 'This URL cannot be proxied.')
  } else sendDetail(response, 404, 'Not Found')
}

function stateOf({ queue, sessions, studio }: Server): unknown {
  return {
    waitingCalls: queue.length,
    sessions: sessions.size,
    residentModels: [...studio.gpu.resident],
    vram: studio.gpu.vram(),
  }
}
