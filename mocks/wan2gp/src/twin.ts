/** The Wan2GP twin: a Gradio 5.29 server with the generate chain of Wan2GP. See the README for what is missing. */
import { router, type Twin, type TwinContext } from '@squall/twin-kit'
import { sendDetail } from './routes/answers.ts'
import { callRoutes } from './routes/call.ts'
import { filePathOf, sendFile, uploadRoutes } from './routes/files.ts'
import { pageRoutes } from './routes/page.ts'
import { queueRoutes } from './routes/queue.ts'
import { runRoutes } from './routes/run.ts'
import { streamRoutes } from './routes/stream.ts'
import { createServer } from './server.ts'

/** Name in error lines and in the package. */
export const name = 'wan2gp'

/** Build a twin for the kit to serve. */
export function create(context: TwinContext): Twin {
  const server = createServer(context)
  const route = router(
    context,
    [
      ...pageRoutes(server),
      ...queueRoutes(server),
      ...streamRoutes(server),
      ...runRoutes(server),
      ...callRoutes(server),
      ...uploadRoutes(server),
    ],
    (_request, response, allowed) => {
      if (allowed.length > 0) sendDetail(response, 405, 'Method Not Allowed')
      else sendDetail(response, 404, 'Not Found')
    },
  )
  return {
    handle: (request, response) => {
      const path = filePathOf(request)
      return path === undefined ? route(request, response) : sendFile(server, request, response, path)
    },
  }
}
