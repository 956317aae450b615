/**
 * `/extensions`: the scripts with which extensions add to the web interface. A stock server has some, and clients expect
 * at least one. Here they are names with an empty script behind each.
 */
import type { FlagDefinitions, Route } from '@squall/twin-kit'
import { answerJson } from '../answer.ts'
import type { Backend } from '../backend.ts'

export const extensionFlags: FlagDefinitions = {
  extensions: {
    type: 'string',
    description: 'scripts of web extensions, comma separated',
    default: 'core/clipspace.js',
  },
}

/** The list, and every script in it (bare only, as static files are). */
export function extensionRoutes({ context }: Backend): Route[] {
  const names = String(context.flags['extensions'] ?? extensionFlags['extensions']?.default)
  const paths = names
    .split(',')
    .filter((name) => name !== '')
    .map((name) => `/extensions/${name}`)
  return [
    { method: 'GET', path: '/extensions', handle: ({ response }) => answerJson(response, paths) },
    ...paths.map(
      (path): Route => ({
        method: 'GET',
        path,
        handle: ({ response }) => {
          const headers = { 'content-type': 'application/javascript; charset=utf-8', 'content-length': 0 }
          response.writeHead(200, headers).end()
        },
      }),
    ),
  ]
}
