/** `POST /upload/image`: stores a file as it is, content unchecked (golden 10). */
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, extname } from 'node:path'
import { type Call, type Route, readMultipart, TwinError } from '@squall/twin-kit'
import { answerEmpty, answerJson } from '../answer.ts'
import type { Backend } from '../backend.ts'
import { isFolderType, writable } from '../folders.ts'
import { bodyLimit } from '../http-options.ts'

/** Routes for uploading. */
export function uploadRoutes(backend: Backend): Route[] {
  return [{ method: 'POST', path: '/upload/image', handle: (call) => upload(backend, call) }]
}

async function upload({ folders }: Backend, { request, response }: Call): Promise<void> {
  if (!request.headers['content-type']?.startsWith('multipart/form-data')) return answerEmpty(response, 400)
  const { fields, files } = await readMultipart(request, bodyLimit(request))
  const image = files.find((file) => file.field === 'image')
  // A text field or an empty name makes the real server raise; a missing field is refused.
  if (fields.has('image') || image?.fileName === '') throw new TypeError('image is not a file')
  if (image === undefined) return answerEmpty(response, 400)
  const type = fields.get('type') ?? 'input'
  if (!isFolderType(type)) throw new TypeError('no such folder')
  const subfolder = fields.get('subfolder') ?? ''
  const path = folders.inside(type, subfolder, image.fileName)
  if (path === undefined) return answerEmpty(response, 400)
  await mkdir(dirname(writable(path)), { recursive: true })
  const overwrite = ['true', '1'].includes(fields.get('overwrite') ?? '')
  const stored = overwrite ? path : await freePath(path, image.bytes)
  await writeFile(stored, image.bytes)
  const name = image.fileName.slice(0, -pathTail(path).length) + pathTail(stored)
  answerJson(response, { name, subfolder, type })
}

/** The path itself if it is free or holds the same bytes, else `name (1).ext`, `name (2).ext`. */
async function freePath(path: string, bytes: Buffer): Promise<string> {
  const extension = extname(path)
  const stem = path.slice(0, path.length - extension.length)
  for (let number = 0; ; number++) {
    const candidate = number === 0 ? path : `${stem} (${number})${extension}`
    if (!existsSync(candidate) || bytes.equals(await readFile(candidate))) return candidate
  }
}

function pathTail(path: string): string {
  return path.slice(dirname(path).length + 1)
}

/** Errors of a broken form become 500 on the real server, a form that is too large 413. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof TwinError && error.code === 'body-too-large'
}
