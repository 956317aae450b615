/**
 * The tools of Wan2GP's MCP server (protocol notes, section 5). Those that need what the twin does not have (templates,
 * post-processing, the toolbox) are listed, and answer an error that says so.
 */
import { defaultSettings } from '../generate-chain/settings-files.ts'
import { models } from '../generate-chain/task.ts'
import type { Arguments, Parameters } from './arguments.ts'
import { galleryItem, galleryRecords, listGallery } from './gallery.ts'
import type { McpHost } from './host.ts'
import { isMediaName } from './transfer.ts'
import { tokenMsMax } from './transfer-tokens.ts'

/** A tool. What it throws becomes `Error executing tool <name>: <message>`. */
export type Tool = {
  readonly description: string
  readonly parameters: Parameters
  /** Whether the answer is a list; FastMCP then sends one text for each item. */
  readonly isList?: true
  readonly run: (host: McpHost, given: Arguments) => unknown
}

const text = { type: 'str' } as const
const optionalText = { type: 'str', default: null } as const
const filters: Parameters = {
  family: optionalText,
  base_model_type: optionalText,
  finetune: optionalText,
  model_type: optionalText,
  main_output: optionalText,
  inputs: optionalText,
}

/** All tools by name. */
export const tools: Readonly<Record<string, Tool>> = {
  wangp_list_models: {
    description: 'List compact model metadata records, optionally filtered by metadata fields.',
    parameters: { ...filters, include_availability: { type: 'bool', default: false } },
    isList: true,
    run: (_host, given) => modelsLike(given),
  },
  wangp_search_models: {
    description: 'Search models by words of their name.',
    parameters: { query: text, limit: { type: 'int', default: 20 } },
    isList: true,
    run: (_host, { query, limit }) =>
      modelsLike({})
        .filter(({ name, model_type: type }) =>
          `${name} ${type}`.toLowerCase().includes(String(query).toLowerCase()),
        )
        .slice(0, Number(limit)),
  },
  wangp_list_model_defs: {
    description: 'List full WanGP model definitions, optionally filtered by metadata fields.',
    parameters: filters,
    isList: true,
    run: (_host, given) => modelsLike(given),
  },
  wangp_get_model: {
    description: 'Return one full WanGP model definition.',
    parameters: { model_type: text },
    run: (_host, { model_type: type }) => modelRecord(String(type)) ?? null,
  },
  wangp_get_model_metadata: {
    description: 'Return one compact model metadata record.',
    parameters: { model_type: text, include_availability: { type: 'bool', default: false } },
    run: (_host, { model_type: type }) => modelRecord(String(type)) ?? null,
  },
  wangp_get_model_availability: {
    description: 'Return local file availability for one model.',
    parameters: { model_type: text },
    run: (host, { model_type: type }) => availability(host, String(type)),
  },
  wangp_list_model_availability: {
    description: 'List local file availability for models.',
    parameters: filters,
    isList: true,
    run: (host, given) => modelsLike(given).map(({ model_type: type }) => availability(host, type)),
  },
  wangp_get_default_settings: {
    description: 'Return generated default settings for a model.',
    parameters: { model_type: text },
    run: (_host, { model_type: type }) => {
      knownModel(String(type))
      return defaultSettings(String(type))
    },
  },
  wangp_list_loras: {
    description: 'List locally available LoRAs for a model.',
    parameters: { model_type: text, name: optionalText },
    run: (_host, { model_type: type }) => ({ model_type: type, loras: [] }),
  },
  wangp_get_model_schema: {
    description: 'Return model definition, inferred metadata, setting values, and default settings.',
    parameters: { model_type: text },
    run: (_host, { model_type: type }) => {
      const metadata = modelRecord(String(type))
      return metadata === undefined ? null : { ...metadata, default_settings: defaultSettings(String(type)) }
    },
  },
  wangp_list_gallery: {
    description: 'List media of the gallery, newest last.',
    parameters: { media_type: { type: 'str', default: 'all' }, limit: { type: 'int', default: 50 } },
    isList: true,
    run: ({ session }, given) =>
      listGallery(session.gen, String(given['media_type']), Number(given['limit'])),
  },
  wangp_get_gallery_item: {
    description: 'Return one gallery record.',
    parameters: { gallery_id: text },
    run: ({ session }, { gallery_id: id }) => galleryItem(session.gen, String(id)),
  },
  wangp_get_gallery_selection: {
    description: 'Return the selected gallery records.',
    parameters: {},
    isList: true,
    run: ({ session }) => galleryRecords(session.gen).filter(({ selected }) => selected),
  },
  wangp_generate: {
    description: 'Start a WanGP generation from a settings dict, task dict, or task list.',
    parameters: {
      source: { type: 'source' },
      wait: { type: 'bool', default: false },
      timeout_s: { type: 'float', default: null },
      event_limit: { type: 'int', default: 20 },
    },
    run: generate,
  },
  wangp_get_job: {
    description: 'Poll a WanGP generation job.',
    parameters: { job_id: text, event_limit: { type: 'int', default: 20 } },
    run: ({ jobs }, given) => jobs.snapshot(jobs.get(String(given['job_id'])), Number(given['event_limit'])),
  },
  wangp_cancel_job: {
    description: 'Request cancellation of a WanGP generation job.',
    parameters: { job_id: text },
    run: ({ jobs }, { job_id: id }) => {
      const job = jobs.get(String(id))
      jobs.cancel(job)
      return jobs.snapshot(job, 20)
    },
  },
  wangp_create_gallery_upload: {
    description: 'Create a short-lived HTTP PUT URL for uploading image, video, or audio media.',
    parameters: { filename: text },
    run: ({ tokens, url }, { filename }) => {
      const name = String(filename)
      if (!isMediaName(name)) throw new Error(`Unsupported media file extension: ${name}`)
      return link(
        `${url()}/wangp_api/gallery/upload/${tokens.create({ kind: 'upload', filename: name })}`,
        'PUT',
      )
    },
  },
  wangp_create_gallery_download: {
    description: 'Create a short-lived HTTP GET URL for downloading one gallery item.',
    parameters: { gallery_id: text },
    run: ({ session, tokens, url }, { gallery_id: id }) => {
      const { path } = galleryItem(session.gen, String(id))
      return link(`${url()}/wangp_api/gallery/download/${tokens.create({ kind: 'download', path })}`, 'GET')
    },
  },
  wangp_list_deepy_templates: absent('templates', { tool_id: optionalText }),
  wangp_get_deepy_template_settings: absent('templates', { tool_id: text, template: text }),
  wangp_postprocess: absent('post-processing', { gallery_id: optionalText, process: optionalText }),
  wangp_toolbox: absent('the toolbox', { action: optionalText, arguments: { type: 'dict', default: null } }),
}

/** `wait` blocks the call, and with it the whole MCP server, until the job is done or `timeout_s` is over. */
async function generate({ jobs, studio }: McpHost, given: Arguments): Promise<unknown> {
  const job = jobs.submit(given['source'])
  if (given['wait'] === true) {
    const patience = given['timeout_s']
    const late = new AbortController()
    const finished = job.finished.then(() => true)
    const expired =
      typeof patience === 'number'
        ? studio.clock.waitReal(patience * 1000, undefined, late.signal).then(() => false)
        : finished
    const isDone = await Promise.race([finished, expired])
    late.abort()
    if (!isDone) throw new Error('WanGP session job timed out')
  }
  return jobs.snapshot(job, Number(given['event_limit']))
}

type ModelRecord = {
  readonly model_type: string
  readonly base_model_type: string
  readonly name: string
  readonly family: string
  readonly main_output: string
}

function modelRecord(type: string): ModelRecord | undefined {
  const model = models[type]
  if (model === undefined) return undefined
  return {
    model_type: type,
    base_model_type: type,
    name: model.name,
    family: model.family,
    main_output: model.output,
  }
}

function modelsLike(wanted: Arguments): readonly ModelRecord[] {
  return Object.keys(models)
    .flatMap((type) => modelRecord(type) ?? [])
    .filter((record) => Object.entries(record).every(([key, value]) => (wanted[key] ?? value) === value))
}

function knownModel(type: string): void {
  if (models[type] === undefined) throw new Error(`Unknown model type: ${type}`)
}

function availability({ studio }: McpHost, type: string): Record<string, unknown> {
  knownModel(type)
  return { model_type: type, available: true, loaded: studio.gpu.resident.has(type) }
}

function link(url: string, method: 'GET' | 'PUT'): Record<string, unknown> {
  return { url, method, expires_in_seconds: tokenMsMax / 1000 }
}

function absent(what: string, parameters: Parameters): Tool {
  return {
    description: `Not there in the twin: ${what}.`,
    parameters,
    run: () => {
      throw new Error(`Cannot run this tool: the twin has no ${what}; use a real WanGP`)
    },
  }
}
