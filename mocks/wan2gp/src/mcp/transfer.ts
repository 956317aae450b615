/**
 * `PUT /wangp_api/gallery/upload/<token>` and `GET /wangp_api/gallery/download/<token>` (protocol notes, section 5).
 * A name is only ever a name: what folders it had are cut off. The twin holds an upload in memory, so it takes 256 MiB
 * where the real limit is 8 GiB.
 */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { BodyTooLarge, type Call, type Route, readBody, sendJson } from '@squall/twin-kit'
import type { Point } from '../points.ts'
import { galleryRecords } from './gallery.ts'
import type { McpHost } from './host.ts'

const uploadBytesMax = 256 * 1024 * 1024

const media: Readonly<Record<string, { readonly type: string; readonly kind: 'image' | 'video' }>> = {
  '.png': { type: 'image/png', kind: 'image' },
  '.jpg': { type: 'image/jpeg', kind: 'image' },
  '.jpeg': { type: 'image/jpeg', kind: 'image' },
  '.webp': { type: 'image/webp', kind: 'image' },
  '.mp4': { type: 'video/mp4', kind: 'video' },
  '.mov': { type: 'video/quicktime', kind: 'video' },
  '.webm': { type: 'video/webm', kind: 'video' },
}

/** Whether files of that name are taken. */
export const isMediaName = (name: string): boolean => mediaOf(name) !== undefined

function mediaOf(name: string): (typeof media)[string] | undefined {
  return media[extname(name).toLowerCase()]
}

/** Both routes. */
export function transferRoutes(host: McpHost): readonly Route[] {
  return [
    {
      method: 'PUT',
      path: '/wangp_api/gallery/upload/:token',
      point: 'wan2gp.http.gallery-upload' satisfies Point,
      handle: (call) => upload(host, call),
    },
    {
      method: 'GET',
      path: '/wangp_api/gallery/download/:token',
      point: 'wan2gp.http.gallery-download' satisfies Point,
      handle: (call) => download(host, call),
    },
  ]
}

const expired = { error: 'Upload or download link is invalid or has expired.' }

async function upload(host: McpHost, { request, response, params }: Call): Promise<void> {
  const refuse = (status: number, error: string): void => {
    request.resume()
    response.setHeader('connection', 'close')
    sendJson(response, status, { error })
  }
  const announced = Number(request.headers['content-length'] ?? 0)
  if (!Number.isSafeInteger(announced) || announced < 0) return refuse(400, 'Invalid Content-Length header.')
  if (announced > uploadBytesMax) return refuse(413, 'Uploaded file is too large.')
  const token = host.tokens.take(params['token'] ?? '', 'upload')
  if (token === undefined) return refuse(404, expired.error)
  try {
    const bytes = await readBody(request, { bytesMax: uploadBytesMax })
    const kind = mediaOf(token.filename)?.kind
    if (bytes.length === 0 || kind === undefined) return refuse(400, 'Uploaded file is not supported media.')
    const { session, studio } = host
    const path = await studio.outputs.cache(basename(token.filename), bytes)
    session.gen.files.push({ path, outputPath: path, mediaType: kind, settings: {} })
    sendJson(response, 200, { status: 'uploaded', size: bytes.length, ...galleryRecords(session.gen).at(-1) })
  } catch (error) {
    if (!(error instanceof BodyTooLarge)) throw error
    refuse(413, 'Uploaded file is too large.')
  }
}

async function download(host: McpHost, { response, params }: Call): Promise<void> {
  const token = host.tokens.take(params['token'] ?? '', 'download')
  const found = token === undefined ? undefined : await stat(token.path).catch(() => undefined)
  if (token === undefined || found?.isFile() !== true) return sendJson(response, 404, expired)
  response.writeHead(200, {
    'content-type': mediaOf(token.path)?.type ?? 'application/octet-stream',
    'content-length': found.size,
    'content-disposition': `attachment; filename*=utf-8''${encodeURIComponent(basename(token.path))}`,
  })
  await pipeline(createReadStream(token.path), response).catch(() => undefined)
}
