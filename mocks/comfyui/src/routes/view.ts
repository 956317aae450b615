/** `GET /view`: result and input files, with the rules about names that leave the folder (golden 10). */
import { basename, extname } from 'node:path'
import { type Call, type Route, serveFile } from '@squall/twin-kit'
import { answerEmpty } from '../answer.ts'
import type { Backend } from '../backend.ts'
import { isFolderType } from '../folders.ts'
import { mediaTypeOf } from '../media-types.ts'
import { sendNewPicture, wantsNewPicture } from './view-picture.ts'

/** Types a browser could run; they go out as downloads. */
const activeExtensions = new Set(['.html', '.htm', '.js', '.mjs', '.css', '.svg', '.xml', '.xhtml'])

/** Routes for fetching files. */
export function viewRoutes(backend: Backend): Route[] {
  return [{ method: 'GET', path: '/view', handle: (call) => view(backend, call) }]
}

async function view({ folders, profile }: Backend, { request, response, query }: Call): Promise<void> {
  const given = query.get('filename')
  if (given === null) return answerEmpty(response, 404)
  const { name, type = query.get('type') ?? 'output' } = splitAnnotation(given)
  if (name === '' || name.startsWith('/') || name.includes('..') || !isFolderType(type)) {
    return answerEmpty(response, 400)
  }
  const path = folders.inside(type, query.get('subfolder') ?? '', basename(name))
  if (path === undefined) return answerEmpty(response, 403)
  if (wantsNewPicture(query)) return sendNewPicture(response, path, query)
  const forImage = request.headers['sec-fetch-dest'] === 'image'
  const headers = profile.hardensViews ? headersFor(basename(name), forImage) : plainHeaders(basename(name))
  if (!(await serveFile(request, response, { path, headers }))) answerEmpty(response, 404)
}

/** `name [input]` overrides the `type` parameter. */
function splitAnnotation(filename: string): { name: string; type?: string } {
  const match = /^(.*) \[(input|output|temp)\]$/.exec(filename)
  return match === null ? { name: filename } : { name: match[1] ?? '', type: match[2] ?? '' }
}

/** Before 0.27 every file went out as what it is. */
function plainHeaders(name: string): Record<string, string> {
  return { 'content-type': mediaTypeOf(name), 'content-disposition': `filename="${name}"` }
}

function headersFor(name: string, forImage: boolean): Record<string, string> {
  const extension = extname(name).toLowerCase()
  const plain = mediaTypeOf(name)
  const nosniff = { 'x-content-type-options': 'nosniff' }
  if (!activeExtensions.has(extension)) {
    return { 'content-type': plain, 'content-disposition': `filename="${name}"`, ...nosniff }
  }
  const inline = extension === '.svg' && forImage
  return {
    'content-type': inline ? plain : 'application/octet-stream',
    'content-disposition': `${inline ? '' : 'attachment; '}filename="${name}"`,
    'cache-control': 'no-store',
    vary: 'Sec-Fetch-Dest',
    ...nosniff,
  }
}
