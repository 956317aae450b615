/** `/users` and `/settings` (golden 12). Both survive a restart. */
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { type Call, parsePython, type Route, stringifyPython } from '@squall/twin-kit'
import { answerEmpty, answerJson, answerText, isObject, readJson, readJsonObject } from '../answer.ts'
import type { Backend } from '../backend.ts'
import { UnknownUser } from '../users.ts'

/** Routes for users and settings. */
export function userRoutes({ users }: Backend): Route[] {
  const fileOf = (request: IncomingMessage): string => join(users.folderOf(request), 'comfy.settings.json')
  return [
    {
      method: 'GET',
      path: '/users',
      handle: ({ response }) =>
        answerJson(response, {
          storage: 'server',
          ...(users.isMulti ? { users: users.names() } : { migrated: false }),
        }),
    },
    {
      method: 'POST',
      path: '/users',
      handle: async ({ request, response }) => {
        const { username } = await readJsonObject(request)
        if (typeof username !== 'string' || username.trim() === '') {
          return answerJson(response, { error: 'username not provided' }, 400)
        }
        const id = users.add(username)
        if (id === undefined) answerJson(response, { error: 'Duplicate username.' }, 400)
        else answerJson(response, id)
      },
    },
    ...settingRoutes(fileOf).map(orUnauthorized),
  ]
}

function settingRoutes(fileOf: (request: IncomingMessage) => string): Route[] {
  return [
    {
      method: 'GET',
      path: '/settings',
      handle: async ({ request, response }) => answerJson(response, await readSettings(fileOf(request))),
    },
    {
      method: 'GET',
      path: '/settings/:id',
      handle: async ({ request, response, params }) => {
        // A map, because a setting may be called __proto__.
        const settings = new Map(Object.entries(await readSettings(fileOf(request))))
        answerJson(response, settings.get(params['id'] ?? '') ?? null)
      },
    },
    {
      method: 'POST',
      path: '/settings',
      handle: async ({ request, response }) => {
        await saveSettings(fileOf(request), await readJsonObject(request))
        answerEmpty(response)
      },
    },
    {
      method: 'POST',
      path: '/settings/:id',
      handle: async ({ request, response, params }) => {
        await saveSettings(fileOf(request), { [params['id'] ?? '']: await readJson(request) })
        answerEmpty(response)
      },
    },
  ]
}

/** Settings of a user that is not there are 401; everywhere else that is 500. */
function orUnauthorized(route: Route): Route {
  const handle = async (call: Call): Promise<void> => {
    try {
      await route.handle(call)
    } catch (error) {
      if (!(error instanceof UnknownUser)) throw error
      answerText(call.response, 401, '401: Unauthorized')
    }
  }
  return { ...route, handle }
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
