/** `/userdata` and `/v2/userdata`: files a client keeps on the server (golden 12). They survive a restart. */
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, stat, unlink, writeFile } from 'node:fs/promises'
import { dirname, extname, join, relative } from 'node:path'
import { type Call, type Route, readBody, serveFile } from '@squall/twin-kit'
import { answerEmpty, answerJson, answerText } from '../answer.ts'
import type { Backend } from '../backend.ts'
import { insideFolder, writable } from '../folders.ts'
import { bodyLimit } from '../http-options.ts'

/** Routes for user files. `{file}` is one segment: a slash inside it is sent as `%2F`. */
export function userFileRoutes({ users }: Backend): Route[] {
  return [
    { method: 'GET', path: '/userdata', handle: (call) => listFolder(users.folderOf(call.request), call) },
    { method: 'GET', path: '/v2/userdata', handle: (call) => listTree(users.folderOf(call.request), call) },
    {
      method: 'GET',
      path: '/userdata/:file',
      handle: (call) => sendFile(users.folderOf(call.request), call),
    },
    {
      method: 'POST',
      path: '/userdata/:file',
      handle: (call) => storeFile(users.folderOf(call.request), call),
    },
    {
      method: 'DELETE',
      path: '/userdata/:file',
      handle: (call) => removeFile(users.folderOf(call.request), call),
    },
    {
      method: 'POST',
      path: '/userdata/:file/move/:target',
      handle: (call) => moveFile(users.folderOf(call.request), call),
    },
  ]
}

type Entry = { readonly path: string; readonly isFile: boolean; readonly size: number; readonly times: Times }
type Times = { readonly modified: number; readonly created: number }

async function entriesOf(folder: string, recursive: boolean): Promise<Entry[]> {
  const found = await readdir(folder, { recursive, withFileTypes: true })
  const entries = found.map(async (entry) => {
    const full = join(entry.parentPath, entry.name)
    const { size, mtimeMs } = await stat(full)
    const modified = Math.trunc(mtimeMs)
    const times = { modified, created: modified }
    return { path: relative(folder, full), isFile: entry.isFile(), size, times }
  })
  return (await Promise.all(entries)).toSorted((left, right) => (left.path < right.path ? -1 : 1))
}

async function listFolder(root: string, { response, query }: Call): Promise<void> {
  const wanted = query.get('dir') ?? ''
  if (wanted === '') return answerText(response, 400, 'Directory not provided')
  const folder = insideFolder(root, wanted)
  if (folder === undefined) return answerText(response, 403, 'Invalid directory')
  if (!existsSync(folder)) return answerText(response, 404, 'Directory not found')
  const files = (await entriesOf(folder, query.get('recurse')?.toLowerCase() === 'true')).filter(
    ({ isFile }) => isFile,
  )
  if (query.get('full_info')?.toLowerCase() === 'true') {
    return answerJson(
      response,
      files.map(({ path, size, times }) => ({ path, size, ...times })),
    )
  }
  const isSplit = query.get('split')?.toLowerCase() === 'true'
  answerJson(
    response,
    files.map(({ path }) => (isSplit ? [path, ...path.split('/')] : path)),
  )
}

/** Always recursive, folders before files. */
async function listTree(root: string, { response, query }: Call): Promise<void> {
  const folder = insideFolder(root, query.get('path') ?? '')
  if (folder === undefined) return answerText(response, 403, 'Invalid path')
  const entries = existsSync(folder) ? await entriesOf(folder, true) : []
  const shown = entries.map(({ path, isFile, size, times }) => ({
    name: path.split('/').at(-1),
    path: relative(root, join(folder, path)),
    type: isFile ? 'file' : 'directory',
    ...(isFile ? { size, modified: times.modified } : {}),
  }))
  answerJson(
    response,
    shown.toSorted((left, right) => Number(left.type === 'file') - Number(right.type === 'file')),
  )
}

const mediaTypes: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.txt': 'text/plain',
  '.png': 'image/png',
}

async function sendFile(root: string, { request, response, params }: Call): Promise<void> {
  const path = insideFolder(root, params['file'] ?? '')
  if (path === undefined) return answerEmpty(response, 403)
  const headers = {
    'content-type': mediaTypes[extname(path)] ?? 'application/octet-stream',
    'content-disposition': 'attachment',
    'x-content-type-options': 'nosniff',
  }
  if (!(await serveFile(request, response, { path, headers }))) answerEmpty(response, 404)
}

async function storeFile(root: string, { request, response, params, query }: Call): Promise<void> {
  const name = params['file'] ?? ''
  const path = insideFolder(root, name)
  if (path === undefined) return answerEmpty(response, 403)
  if (query.get('overwrite') === 'false' && existsSync(path)) {
    return answerText(response, 409, 'File already exists')
  }
  const body = await readBody(request, bodyLimit(request))
  await mkdir(dirname(writable(path)), { recursive: true })
  await writeFile(path, body)
  await answerStored(response, root, path, query)
}

async function removeFile(root: string, { response, params }: Call): Promise<void> {
  const path = insideFolder(root, params['file'] ?? '')
  if (path === undefined) return answerEmpty(response, 403)
  if (!existsSync(path)) return answerEmpty(response, 404)
  await unlink(path)
  response.writeHead(204).end()
}

async function moveFile(root: string, { response, params, query }: Call): Promise<void> {
  const from = insideFolder(root, params['file'] ?? '')
  const target = insideFolder(root, params['target'] ?? '')
  if (from === undefined || target === undefined) return answerEmpty(response, 403)
  if (!existsSync(from)) return answerEmpty(response, 404)
  if (query.get('overwrite') === 'false' && existsSync(target)) {
    return answerText(response, 409, 'File already exists')
  }
  await mkdir(dirname(writable(target)), { recursive: true })
  await rename(from, target)
  await answerStored(response, root, target, query)
}

async function answerStored(
  response: Call['response'],
  root: string,
  path: string,
  query: URLSearchParams,
): Promise<void> {
  const shown = relative(root, path)
  if (query.get('full_info') !== 'true') return answerJson(response, shown)
  const { size, mtimeMs } = await stat(path)
  const modified = Math.trunc(mtimeMs)
  answerJson(response, { path: shown, size, modified, created: modified })
}
