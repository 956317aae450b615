/** `/users` and `/settings` of a single-user server (golden 12). Settings survive a restart, names do not matter. */
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parsePython, type Route, stringifyPython } from '@squall/twin-kit'
import { answerEmpty, answerJson, isObject, readJson, readJsonObject } from '../answer.ts'
import type { Backend } from '../backend.ts'

/** Routes for users and settings. */
export function userRoutes({ userFolder }: Backend): Route[] {
  const file = join(userFolder, 'comfy.settings.json')
  const names = new Set<string>()
  return [
    {
      method: 'GET',
      path: '/users',
      handle: ({ response }) => answerJson(response, { storage: 'server', migrated: false }),
    },
    {
      method: 'POST',
      path: '/users',
      handle: async ({ request, response }) => {
        const { username } = await readJsonObject(request)
        if (typeof username !== 'string' || username.trim() === '') {
          return answerJson(response, { error: 'username not provided' }, 400)
        }
        if (names.has(username)) return answerJson(response, { error: 'Duplicate username.' }, 400)
        names.add(username)
        answerJson(response, `${username.replace(/[^a-zA-Z0-9-_ ]/g, '')}_${randomUUID()}`)
      },
    },
    {
      method: 'GET',
      path: '/settings',
      handle: async ({ response }) => answerJson(response, await readSettings(file)),
    },
    {
      method: 'GET',
      path: '/settings/:id',
      handle: async ({ response, params }) =>
        answerJson(
          response,
          new Map(Object.entries(await readSettings(file))).get(params['id'] ?? '') ?? null,
        ),
    },
    {
      method: 'POST',
      path: '/settings',
      handle: async ({ request, response }) => {
        await saveSettings(file, await readJsonObject(request))
        answerEmpty(response)
      },
    },
    {
      method: 'POST',
      path: '/settings/:id',
      handle: async ({ request, response, params }) => {
        await saveSettings(file, { [params['id'] ?? '']: await readJson(request) })
        answerEmpty(response)
      },
    },
  ]
}

async function readSettings(file: string): Promise<Readonly<Record<string, unknown>>> {
  if (!existsSync(file)) return {}
  const settings = parsePython(await readFile(file, 'utf8'))
  return isObject(settings) ? settings : {}
}

async function saveSettings(file: string, more: Readonly<Record<string, unknown>>): Promise<void> {
  const settings = { ...(await readSettings(file)), ...more }
  await writeFile(file, stringifyPython(settings))
}
