/** `POST /upload/mask`: an uploaded mask lends its transparency to a picture that is there already (golden 10). */
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Call, decodePng, encodeRgbaPng, type Pixels, type Route, readMultipart } from '@squall/twin-kit'
import { answerEmpty, answerJson, isObject } from '../answer.ts'
import type { Backend } from '../backend.ts'
import { isFolderType, writable } from '../folders.ts'
import { bodyLimit } from '../http-options.ts'

/** The route for masks. */
export function uploadMaskRoutes(backend: Backend): Route[] {
  return [{ method: 'POST', path: '/upload/mask', handle: (call) => uploadMask(backend, call) }]
}

async function uploadMask({ folders }: Backend, { request, response }: Call): Promise<void> {
  if (!request.headers['content-type']?.startsWith('multipart/form-data')) return answerEmpty(response, 400)
  const { fields, files } = await readMultipart(request, bodyLimit(request))
  const image = files.find((file) => file.field === 'image')
  if (image === undefined) return answerEmpty(response, 400)
  const type = fields.get('type') ?? 'input'
  if (!isFolderType(type)) throw new TypeError('no such folder')
  const subfolder = fields.get('subfolder') ?? ''
  const path = folders.inside(type, subfolder, image.fileName)
  if (path === undefined) return answerEmpty(response, 400)
  const original = originalPath(folders, fields.get('original_ref'))
  // Without an original nothing is written, and the answer is the same.
  if (original !== undefined && existsSync(original)) {
    const merged = withAlphaOf(decodePng(await readFile(original)), decodePng(image.bytes))
    await mkdir(dirname(writable(path)), { recursive: true })
    await writeFile(path, encodeRgbaPng(merged))
  }
  answerJson(response, { name: image.fileName, subfolder, type })
}

/** Where the original is; undefined if its name is refused. Throws if there is no reference at all. */
function originalPath(folders: Backend['folders'], text: string | undefined): string | undefined {
  const reference = JSON.parse(text ?? '') as unknown
  if (!isObject(reference)) throw new TypeError('original_ref is not an object')
  const { filename: name = '', type = 'output', subfolder = '' } = reference
  if (typeof name !== 'string' || typeof type !== 'string' || typeof subfolder !== 'string') return undefined
  if (name === '' || name.startsWith('/') || name.includes('..') || !isFolderType(type)) return undefined
  return folders.inside(type, subfolder, name)
}

/** Colours of one picture, transparency of the other (nearest pixel if the sizes differ). */
function withAlphaOf(picture: Pixels, mask: Pixels): Pixels {
  const { width, height } = picture
  const rgba = Uint8Array.from(picture.rgba)
  for (let y = 0; y < height; y++) {
    const maskRow = Math.floor((y * mask.height) / height) * mask.width
    for (let x = 0; x < width; x++) {
      const from = maskRow + Math.floor((x * mask.width) / width)
      rgba[(y * width + x) * 4 + 3] = mask.rgba[from * 4 + 3] ?? 255
    }
  }
  return { width, height, rgba }
}
