/** What the model browser of the web interface asks for (golden 12). Model files are names here, so sizes are 0. */
import type { Route } from '@squall/twin-kit'
import { answerEmpty, answerJson } from '../answer.ts'
import type { Backend } from '../backend.ts'
import { foldersFor, modelExtensions } from '../model-folders.ts'
import type { ModelFolder } from '../models.ts'

/** Kinds that are folders of the server and not of models. */
const noModels: ReadonlySet<string> = new Set(['configs', 'custom_nodes'])

/** Routes about model files. */
export function modelFactRoutes({ models, context }: Backend): Route[] {
  const kinds = Object.keys(models) as ModelFolder[]
  const filesIn = (kind: string | undefined): readonly string[] | undefined =>
    (models as Readonly<Record<string, readonly string[]>>)[kind ?? '']
  return [
    {
      method: 'GET',
      path: '/experiment/models',
      handle: ({ response }) =>
        answerJson(
          response,
          kinds
            .filter((kind) => !noModels.has(kind))
            .map((name) => ({
              name,
              folders: foldersFor(context.dataFolder, name),
              extensions: modelExtensions,
            })),
        ),
    },
    {
      method: 'GET',
      path: '/experiment/models/:kind',
      handle: ({ response, params }) => {
        const files = filesIn(params['kind'])
        if (files === undefined) return answerEmpty(response, 404)
        const shown = files.map((name) => ({ name, pathIndex: 0, modified: 0, created: 0, size: 0 }))
        answerJson(response, shown)
      },
    },
    {
      method: 'GET',
      path: '/experiment/models/preview/:kind/:index/:file',
      handle: ({ response }) => answerEmpty(response, 404),
    },
    {
      method: 'GET',
      path: '/view_metadata/:kind',
      handle: ({ response, params, query }) => {
        const file = query.get('filename') ?? ''
        const isKnown = filesIn(params['kind'])?.includes(file) === true
        if (!isKnown || !file.endsWith('.safetensors')) return answerEmpty(response, 404)
        answerJson(response, { format: 'pt', 'modelspec.title': file.replace('.safetensors', '') })
      },
    },
  ]
}
