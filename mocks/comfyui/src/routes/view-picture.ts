/**
 * `GET /view` with `preview` or `channel`: the picture encoded anew (golden 10). Without ETag and ranges, as on the
 * real server. A format that is neither JPEG nor WebP is WebP.
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { basename } from 'node:path'
import {
  decodePng,
  encodeJpeg,
  encodePng,
  encodeRgbaPng,
  encodeWebp,
  type Pixels,
  rgbOf,
} from '@squall/twin-kit'
import { answerEmpty } from '../answer.ts'

const defaultQuality = 90

/** Whether the query asks for a picture encoded anew. */
export function wantsNewPicture(query: URLSearchParams): boolean {
  const channel = query.get('channel')
  return query.has('preview') || channel === 'rgb' || channel === 'a'
}

/** Sends it. Throws (500) if the file is no picture the twin can read. */
export async function sendNewPicture(
  response: ServerResponse,
  path: string,
  query: URLSearchParams,
): Promise<void> {
  if (!existsSync(path)) return answerEmpty(response, 404)
  const pixels = decodePng(await readFile(path))
  const [type, bytes] = encoded(pixels, query)
  response
    .writeHead(200, {
      'content-type': type,
      'content-disposition': `filename="${basename(path)}"`,
      'content-length': bytes.length,
    })
    .end(bytes)
}

function encoded(pixels: Pixels, query: URLSearchParams): [type: string, bytes: Buffer] {
  const preview = query.get('preview')
  if (preview !== null) {
    const asked = Number(preview.split(';')[1] ?? defaultQuality)
    const quality = Number.isInteger(asked) ? Math.min(100, Math.max(1, asked)) : defaultQuality
    const picture = { ...pixels, rgb: rgbOf(pixels), quality }
    const isJpeg = preview.split(';')[0] === 'jpeg'
    return isJpeg ? ['image/jpeg', encodeJpeg(picture)] : ['image/webp', encodeWebp(picture)]
  }
  if (query.get('channel') === 'rgb') return ['image/png', encodePng({ ...pixels, rgb: rgbOf(pixels) })]
  const rgba = pixels.rgba.map((value, index) => (index % 4 === 3 ? value : 0))
  return ['image/png', encodeRgbaPng({ ...pixels, rgba })]
}
