/** Read-only facts about the server: models, node classes, what it can do (golden 12). */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Call, Route } from '@squall/twin-kit'
import { answerEmpty, answerJson } from '../answer.ts'
import type { Backend } from '../backend.ts'
import { featuresOf } from '../features.ts'

/** Routes that only tell. */
export function serverFactRoutes({ catalog, models, profile, http }: Backend): Route[] {
  const tell = (path: string, facts: () => unknown): Route => ({
    method: 'GET',
    path,
    handle: ({ response }) => answerJson(response, facts()),
  })
  return [
    { method: 'GET', path: '/', handle: ({ response }) => answerFrontPage(response, noStore) },
    { method: 'GET', path: '/index.html', handle: ({ response }) => answerFrontPage(response, {}) },
    ...(profile.hasProgressStates ? [tell('/features', () => featuresOf(http))] : []),
    tell('/i18n', () => ({})),
    tell('/workflow_templates', () => ({})),
    tell('/global_subgraphs', () => ({})),
    tell('/node_replacements', () => ({})),
    ...switchedOff,
    tell('/embeddings', () =>
      (models.filesIn('embeddings') ?? []).map((name) => name.replace(/\.[^.]+$/, '')),
    ),
    tell('/models', () => models.folders),
    {
      method: 'GET',
      path: '/models/:folder',
      handle: ({ response, params }) => {
        const files = models.filesIn(params['folder'] ?? '')
        if (files === undefined) answerEmpty(response, 404)
        else answerJson(response, files)
      },
    },
    tell('/object_info', () => Object.fromEntries(catalog.names.map((name) => [name, catalog.info(name)]))),
    {
      method: 'GET',
      path: '/object_info/:name',
      handle: ({ response, params }) => {
        const name = params['name'] ?? ''
        const info = catalog.info(name)
        answerJson(response, info === undefined ? {} : { [name]: info })
      },
    },
  ]
}

/** What exists only with a flag that the twin does not have: assets and their tags (protocol notes 1). */
const switchedOff: readonly Route[] = [
  '/api/assets',
  '/api/assets/:id',
  '/api/assets/:id/content',
  '/api/assets/:id/tags',
  '/api/tags',
].flatMap((path) =>
  ['GET', 'POST', 'PUT', 'DELETE'].map((method): Route => ({ method, path, handle: answerSwitchedOff })),
)

function answerSwitchedOff({ response }: Call): void {
  const message = 'Assets system is disabled. Start the server with --enable-assets to use this feature.'
  answerJson(response, { error: { code: 'SERVICE_DISABLED', message, details: {} } }, 503)
}

/** The web interface is not part of the twin; a probe still gets a page with the recorded headers. */
function answerFrontPage(response: ServerResponse, headers: OutgoingHttpHeaders): void {
  const page = '<!doctype html><title>ComfyUI</title>\n'
  response
    .writeHead(200, {
      'content-type': 'text/html',
      'content-length': page.length,
      'accept-ranges': 'bytes',
      etag: '"twin-1"',
      'last-modified': 'Fri, 20 Nov 2026 15:14:17 GMT',
      ...headers,
    })
    .end(page)
}

const noStore = { 'cache-control': 'no-store, must-revalidate', pragma: 'no-cache', expires: '0' } as const
