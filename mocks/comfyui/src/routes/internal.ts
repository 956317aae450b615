/** `/internal`: what the web interface looks up about its own server (golden 12). Exists without `/api` only. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Route } from '@squall/twin-kit'
import { answerEmpty, answerJson, readJsonObject } from '../answer.ts'
import type { Backend } from '../backend.ts'
import { isFolderType } from '../folders.ts'
import { foldersFor } from '../model-folders.ts'
import { terminalSize } from '../server-log.ts'

/** Routes under `/internal`. */
export function internalRoutes({ log, models, folders, context }: Backend): Route[] {
  return [
    {
      method: 'GET',
      path: '/internal/logs',
      handle: ({ response }) =>
        answerJson(
          response,
          log
            .entries()
            .map(({ t, m }) => `${t} - ${m}`)
            .join(''),
        ),
    },
    {
      method: 'GET',
      path: '/internal/logs/raw',
      handle: ({ response }) => answerJson(response, { entries: log.entries(), size: terminalSize }),
    },
    {
      method: 'PATCH',
      path: '/internal/logs/subscribe',
      handle: async ({ request, response }) => {
        const { clientId, enabled } = await readJsonObject(request)
        log.subscribe(String(clientId), enabled === true)
        answerEmpty(response)
      },
    },
    {
      method: 'GET',
      path: '/internal/folder_paths',
      handle: ({ response }) => {
        const paths = models.folders.map((kind) => [kind, foldersFor(context.dataFolder, kind)])
        answerJson(response, Object.fromEntries(paths))
      },
    },
    {
      method: 'GET',
      path: '/internal/files/:type',
      handle: ({ response, params }) => {
        const type = params['type'] ?? ''
        if (!isFolderType(type)) return answerJson(response, { error: 'Invalid directory type' }, 400)
        answerJson(
          response,
          newestFirst(folders.path(type)).map((name) => `${name} [${type}]`),
        )
      },
    },
  ]
}

/** Files directly in the folder. */
function newestFirst(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => ({ name, modified: statSync(join(folder, name)).mtimeMs }))
    .toSorted((left, right) => right.modified - left.modified)
    .map(({ name }) => name)
}
