/** What the model browser of the web interface asks for (golden 12). A model that is only a name has the size 0. */
import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { type Call, decodePng, encodeWebp, type Route, rgbOf } from '@squall/twin-kit'
import { answerEmpty, answerJson } from '../answer.ts'
import type { Backend } from '../backend.ts'
import { insideFolder } from '../folders.ts'
import { foldersFor, modelExtensions } from '../model-folders.ts'
import type { ModelFolder } from '../models.ts'
import { readSafetensorsHeader } from '../safetensors.ts'

/** Kinds that are folders of the server and not of models. */
const noModels: ReadonlySet<string> = new Set(['configs', 'custom_nodes'])

/** Routes about model files. */
export function modelFactRoutes({ models, context }: Backend): Route[] {
  const { dataFolder } = context
  return [
    {
      method: 'GET',
      path: '/experiment/models',
      handle: ({ response }) =>
        answerJson(
          response,
          models.folders
            .filter((kind) => !noModels.has(kind))
            .map((name) => ({ name, folders: foldersFor(dataFolder, name), extensions: modelExtensions })),
        ),
    },
    {
      method: 'GET',
      path: '/experiment/models/:kind',
      handle: async ({ response, params }) => {
        const kind = params['kind'] ?? ''
        const names = models.filesIn(kind)
        if (names === undefined) return answerEmpty(response, 404)
        const shown = names.map((name) => describe(name, models.placeOf(kind as ModelFolder, name)))
        answerJson(response, await Promise.all(shown))
      },
    },
    {
      method: 'GET',
      path: '/experiment/models/preview/:kind/:index/:file',
      handle: (call) =>
        sendPreview(call, dataFolder, models.filesIn(call.params['kind'] ?? '') !== undefined),
    },
    {
      method: 'GET',
      path: '/view_metadata/:kind',
      handle: async ({ response, params, query }) => {
        const [kind, file] = [params['kind'] ?? '', query.get('filename') ?? '']
        const isKnown = models.filesIn(kind)?.includes(file) === true
        if (!isKnown || !file.endsWith('.safetensors')) return answerEmpty(response, 404)
        const place = models.placeOf(kind as ModelFolder, file)
        const metadata =
          place === undefined
            ? inventedMetadata(file)
            : (await readSafetensorsHeader(place.path))['__metadata__']
        if (metadata === undefined) return answerEmpty(response, 404)
        answerJson(response, metadata)
      },
    },
  ]
}

/** Every model that is only a name has metadata, because clients expect the first checkpoint to have some. */
function inventedMetadata(file: string): Readonly<Record<string, string>> {
  return { format: 'pt', 'modelspec.title': file.replace('.safetensors', '') }
}

async function describe(
  name: string,
  place: { readonly path: string; readonly pathIndex: number } | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  if (place === undefined) return { name, pathIndex: 0, modified: 0, created: 0, size: 0 }
  const { mtimeMs, birthtimeMs, size } = await stat(place.path)
  return { name, pathIndex: place.pathIndex, modified: mtimeMs / 1000, created: birthtimeMs / 1000, size }
}

/** The PNG that lies beside a model under its name, as WebP; 404 if there is none. */
async function sendPreview({ response, params }: Call, dataFolder: string, isKnown: boolean): Promise<void> {
  const { kind = '', index = '', file = '' } = params
  const base = isKnown ? foldersFor(dataFolder, kind as ModelFolder)[Number(index)] : undefined
  const name = file.replace(/\.[^.]*$/, '')
  const path = base === undefined ? undefined : previewBeside(base, name)
  if (path === undefined) return answerEmpty(response, 404)
  const pixels = decodePng(await readFile(path))
  const bytes = encodeWebp({ ...pixels, rgb: rgbOf(pixels), quality: 80 })
  response.writeHead(200, { 'content-type': 'image/webp', 'content-length': bytes.length }).end(bytes)
}

function previewBeside(base: string, name: string): string | undefined {
  return ['.png', '.preview.png']
    .map((ending) => insideFolder(base, `${name}${ending}`))
    .find((path) => path !== undefined && existsSync(path))
}
