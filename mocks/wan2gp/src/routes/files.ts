/**
 * Files in and out. Uploads and results both live in the Gradio cache, under the sha256 of their bytes. What is
 * neither there nor in `outputs/` answers 403, whether it exists or not. Knowingly missing: upload progress, and the
 * quirk of 5.29 that a ranged answer echoes the request's headers.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname } from 'node:path'
import { BodyTooLarge, type Call, type Route, readMultipart, sendJson, serveFile } from '@squall/twin-kit'
import type { Server } from '../server.ts'
import { sendDetail } from './answers.ts'

/** Gradio sets no limit by default; the twin holds an upload in memory, so it does. */
const uploadBytesMax = 256 * 1024 * 1024

const mediaTypes: Readonly<Record<string, string>> = {
  '.mp4': 'video/mp4',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.wav': 'audio/wav',
}

/** `POST /gradio_api/upload`. */
export function uploadRoutes(server: Server): readonly Route[] {
  return [{ method: 'POST', path: '/gradio_api/upload', handle: (call) => upload(server, call) }]
}

async function upload(server: Server, { request, response }: Call): Promise<void> {
  if (!(request.headers['content-type'] ?? '').startsWith('multipart/form-data')) {
    request.resume()
    sendDetail(response, 400, 'Invalid content type.')
    return
  }
  try {
    const { files } = await readMultipart(request, { bytesMax: uploadBytesMax })
    const paths = files
      .filter(({ field }) => field === 'files')
      .map(({ fileName, bytes }) => server.studio.outputs.cache(fileName, bytes))
    sendJson(response, 200, await Promise.all(paths))
  } catch (error) {
    const tooLarge = error instanceof BodyTooLarge
    response.writeHead(tooLarge ? 413 : 400, { 'content-type': 'text/plain; charset=utf-8' })
    response.end(tooLarge ? 'Request Entity Too Large' : 'Bad Request')
  }
}

/** The path behind `/gradio_api/file=` (slashes and all), or undefined if the request is for something else. */
export function filePathOf(request: IncomingMessage): string | undefined {
  const [path = ''] = (request.url ?? '').split('?')
  const found = /^(?:\/gradio_api)?\/file=(.+)$/.exec(path)?.[1]
  if (found === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) return undefined
  try {
    return decodeURIComponent(found)
  } catch {
    return found
  }
}

/** Send a file with Range and HEAD, send a URL on to itself, refuse everything else with 403. */
export async function sendFile(
  server: Server,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  if (/^https?:\/\//.test(path)) {
    response.writeHead(302, { location: path }).end()
    return
  }
  const allowed = server.studio.outputs.allowed(path)
  const mediaType = mediaTypes[extname(path).toLowerCase()]
  const headers = {
    'content-type': mediaType ?? 'application/octet-stream',
    'content-disposition': mediaType === undefined ? 'attachment' : 'inline',
  }
  const sent = allowed !== undefined && (await serveFile(request, response, { path: allowed, headers }))
  if (!sent) sendDetail(response, 403, `File not allowed: ${path}.`)
}
