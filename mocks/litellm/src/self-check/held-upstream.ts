/**
 * A minimal upstream for the self-check, inside the checking process: its streams stay open after the first words,
 * unless the request asks for a limited answer. The gateway cannot show an open stream without one.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readBody, sendJson } from '@squall/twin-kit'

const base = { id: 'chatcmpl-held', object: 'chat.completion.chunk', created: 1, model: 'squall-chat-1' }

/** Listens on a free port. `url` ends in `/v1`. */
export async function startHeldUpstream(): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    [Symbol.asyncDispose]: async () => {
      const closed = Promise.withResolvers<void>()
      server.close(() => closed.resolve())
      server.closeAllConnections()
      await closed.promise
    },
  }
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = JSON.parse((await readBody(request, { bytesMax: 100_000 })).toString()) as {
    max_tokens?: number
  }
  if (request.url !== '/v1/chat/completions')
    return sendJson(response, 404, { error: { message: 'unknown' } })
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const chunk = (delta: object, reason: string | null): void => {
    const choices = [{ index: 0, delta, finish_reason: reason }]
    response.write(`data: ${JSON.stringify({ ...base, choices })}\n\n`)
  }
  chunk({ role: 'assistant', content: '' }, null)
  chunk({ content: 'A squall' }, null)
  if (body.max_tokens === undefined) return
  chunk({}, 'length')
  response.end('data: [DONE]\n\n')
}
