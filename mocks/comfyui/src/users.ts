/**
 * Who uses the server. Without `--multi-user` there is one user, whatever a request says. With it the header
 * `comfy-user` names the user, and who is not known is refused [S: user_manager.py]. Users survive a restart.
 */
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import type { FlagDefinitions, FlagValues } from '@squall/twin-kit'

/** Users by id, and where each keeps settings and files. */
export type Users = {
  readonly isMulti: boolean
  readonly names: () => Readonly<Record<string, string>>
  /** The new user's id; undefined if the name is taken. */
  readonly add: (name: string) => string | undefined
  /** Folder of the user of this request. Throws UnknownUser. */
  readonly folderOf: (request: IncomingMessage) => string
}

/** The request names a user that is not there. Most routes answer 500, settings 401. */
export class UnknownUser extends Error {}

export const userFlags: FlagDefinitions = {
  'multi-user': { type: 'boolean', description: 'one folder per user, chosen by the header comfy-user' },
}

/** Opens the users of a data folder. */
export function openUsers(flags: FlagValues, dataFolder: string): Users {
  const isMulti = flags['multi-user'] === true
  const base = join(dataFolder, 'user')
  const file = join(base, 'users.json')
  const names = isMulti ? readNames(file) : new Map([['default', 'default']])
  mkdirSync(join(base, 'default'), { recursive: true })
  return {
    isMulti,
    names: () => Object.fromEntries(names),
    add: (name) => {
      if ([...names.values()].includes(name)) return undefined
      const id = `${name.replace(/[^a-zA-Z0-9-_]+/g, '-')}_${randomUUID()}`
      names.set(id, name)
      if (isMulti) writeFileSync(file, JSON.stringify(Object.fromEntries(names)))
      return id
    },
    folderOf: ({ headers }) => {
      const id = isMulti ? String(headers['comfy-user'] ?? 'default') : 'default'
      if (!names.has(id)) throw new UnknownUser(`Unknown user: ${id}`)
      const folder = join(base, id)
      mkdirSync(folder, { recursive: true })
      return folder
    },
  }
}

function readNames(file: string): Map<string, string> {
  return new Map(existsSync(file) ? Object.entries(JSON.parse(readFileSync(file, 'utf8')) as object) : [])
}
