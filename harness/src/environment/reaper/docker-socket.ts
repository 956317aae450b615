/**
 * The Docker API over its Unix socket with nothing but node:http, for the reaper's container. No API version in the
 * path: the engine then answers in its own.
 */
import { request } from 'node:http'
import { type DockerObjects, toObjects } from './docker-object.ts'

type Answer = { readonly status: number; readonly body: string }

/** A removal by force waits for the kill; ten seconds is the engine's own patience with that. */
const requestBudgetMs = 15_000

export function dockerOverSocket(socketPath: string): DockerObjects {
  const call = (method: string, path: string, query: Record<string, string>): Promise<Answer> =>
    ask(socketPath, method, `${path}?${new URLSearchParams(query).toString()}`)
  return {
    list: async (kind, labels) => {
      const path = { container: '/containers/json', network: '/networks', volume: '/volumes' }[kind]
      const query = {
        filters: JSON.stringify({ label: labels }),
        ...(kind === 'container' && { all: 'true' }),
      }
      const answer = await call('GET', path, query)
      if (answer.status !== 200)
        throw new Error(`list ${kind}s: HTTP ${answer.status}: ${answer.body.trim()}`)
      return toObjects(kind, JSON.parse(answer.body))
    },
    remove: async ({ kind, id }) => {
      const query: Record<string, string> = kind === 'container' ? { force: 'true', v: 'true' } : {}
      const answer = await call('DELETE', `/${kind}s/${encodeURIComponent(id)}`, query)
      if (answer.status >= 300 && answer.status !== 404) {
        throw new Error(`remove ${kind} ${id}: HTTP ${answer.status}: ${answer.body.trim()}`)
      }
    },
  }
}

function ask(socketPath: string, method: string, path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, method, path, timeout: requestBudgetMs }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        body += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
      response.on('error', reject)
    })
    asking.on('timeout', () =>
      asking.destroy(new Error(`${method} ${path}: no answer in ${requestBudgetMs} ms`)),
    )
    asking.on('error', reject)
    asking.end()
  })
}
