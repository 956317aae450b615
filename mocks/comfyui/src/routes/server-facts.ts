/** Read-only facts about the server: versions, device, models, node classes (golden 12). */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Route } from '@squall/twin-kit'
import { answerEmpty, answerJson } from '../answer.ts'
import type { Backend } from '../backend.ts'
import { features } from '../features.ts'
import type { ModelFolder } from '../models.ts'

const gib = 1024 ** 3

/** Routes that only tell. */
export function serverFactRoutes({ catalog, models, profile }: Backend): Route[] {
  const tell = (path: string, facts: () => unknown): Route => ({
    method: 'GET',
    path,
    handle: ({ response }) => answerJson(response, facts()),
  })
  return [
    { method: 'GET', path: '/', handle: ({ response }) => answerFrontPage(response, noStore) },
    { method: 'GET', path: '/index.html', handle: ({ response }) => answerFrontPage(response, {}) },
    ...(profile.hasProgressStates ? [tell('/features', () => features)] : []),
    tell('/system_stats', () => systemStats),
    tell('/extensions', () => []),
    tell('/i18n', () => ({})),
    tell('/workflow_templates', () => ({})),
    tell('/global_subgraphs', () => ({})),
    tell('/node_replacements', () => ({})),
    ...['/api/assets', '/api/tags'].map((path) => switchedOff(path)),
    tell('/embeddings', () => models.embeddings.map((name) => name.replace(/\.[^.]+$/, ''))),
    tell('/models', () => Object.keys(models)),
    {
      method: 'GET',
      path: '/models/:folder',
      handle: ({ response, params }) => {
        const files = models[params['folder'] as ModelFolder] as readonly string[] | undefined
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

/** Assets exist only with a flag that the twin does not have. */
function switchedOff(path: string): Route {
  const message = 'Assets system is disabled. Start the server with --enable-assets to use this feature.'
  const error = { code: 'SERVICE_DISABLED', message, details: {} }
  return { method: 'GET', path, handle: ({ response }) => answerJson(response, { error }, 503) }
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

const systemStats = {
  system: {
    os: 'linux',
    ram_total: 64 * gib,
    ram_free: 48 * gib,
    comfyui_version: '0.33.0',
    required_frontend_version: '1.49.6',
    installed_templates_version: '0.11.44',
    required_templates_version: '0.11.44',
    comfy_package_versions: [
      { name: 'comfyui-frontend-package', installed: '1.49.6', required: '1.49.6' },
      { name: 'comfyui-workflow-templates', installed: '0.11.44', required: '0.11.44' },
    ],
    python_version: '3.11.7 (main, May  9 2026, 07:35:25) [GCC 12.2.0]',
    pytorch_version: '2.13.0+cu130',
    embedded_python: false,
    deploy_environment: 'local-git',
    argv: ['main.py', '--listen'],
  },
  devices: [
    {
      name: 'cuda:0 NVIDIA GeForce RTX 4090 : cudaMallocAsync',
      type: 'cuda',
      index: 0,
      vram_total: 24 * gib,
      vram_free: 22 * gib,
      torch_vram_total: 0,
      torch_vram_free: 0,
    },
  ],
} as const
