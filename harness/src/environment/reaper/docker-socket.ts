/**
 * The Docker API over its Unix socket with nothing but node:http, for the reaper's container. No API version in the
 * path: the engine then answers in its own.
 */
import { request } from 'node:http'
import { type DockerObjects, toObjects } from './docker-object.ts'

export type Answer = { readonly status: number; readonly body: string }

/** One request to the engine; resolves with whatever it answers. Throws when it does not. */
export type AskDocker = (
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  more?: { readonly query?: Readonly<Record<string, string>>; readonly body?: unknown },
) => Promise<Answer>

/** A removal by force waits for the kill; ten seconds is the engine's own patience with that. */
const requestBudgetMs = 15_000

export function askOverSocket(socketPath: string): AskDocker {
  return (method, path, { query = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body)
      const headers =
        text === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
      const options = {
        socketPath,
        method,
        headers,
        path: `${path}?${new URLSearchParams(query).toString()}`,
        timeout: requestBudgetMs,
      }
      const asking = request(options, (response) => {
        let answered = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          answered += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: answered }))
        response.on('error', reject)
      })
      asking.on('timeout', () =>
        asking.destroy(new Error(`${method} ${path}: no answer in ${requestBudgetMs} ms`)),
      )
      asking.on('error', reject)
      asking.end(text)
    })
}

/** An answer that is not the one hoped for, as an error. @param what "list containers" */
export function refused(what: string, { status, body }: Answer): Error {
  return new Error(`${what}: HTTP ${status}: ${body.trim()}`)
}

export function dockerObjectsOver(ask: AskDocker): DockerObjects {
  return {
    list: async (kind, labels) => {
      const path = { container: '/containers/json', network: '/networks', volume: '/volumes' }[kind]
      const query = {
        filters: JSON.stringify({ label: labels }),
        ...(kind === 'container' && { all: 'true' }),
      }
      const answer = await ask('GET', path, { query })
      if (answer.status !== 200) throw refused(`list ${kind}s`, answer)
      return toObjects(kind, JSON.parse(answer.body))
    },
    remove: async ({ kind, id }) => {
      const query: Record<string, string> = kind === 'container' ? { force: 'true', v: 'true' } : {}
      const answer = await ask('DELETE', `/${kind}s/${encodeURIComponent(id)}`, { query })
      if (answer.status >= 300 && answer.status !== 404) throw refused(`remove ${kind} ${id}`, answer)
    },
  }
}
