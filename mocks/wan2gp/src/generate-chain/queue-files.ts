/**
 * The queue as a file: a zip with `queue.json` and attachments beside it (protocol notes 4.4). Two of them live in the
 * data folder: `queue.zip`, written when the server is told to stop, and `error_queue.zip`, written when a generation
 * fails. Nothing is unpacked to disk, so no name in a zip leads anywhere.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type * as fflate from 'fflate'
import type { Settings, Task } from '../session.ts'

/** `settings_version` of Wan2GP 12.60. */
export const settingsVersion = 2.74

/** Form fields that name files. Those of a settings JSON that comes through the page are emptied. */
const attachmentKeys = [
  'image_start',
  'image_end',
  'image_refs',
  'image_guide',
  'image_mask',
  'video_guide',
  'video_mask',
  'video_source',
  'audio_guide',
  'audio_guide2',
  'audio_source',
] as const

/** Unpacked bytes of one queue file that are still taken. */
const unpackedBytesMax = 256 * 1024 * 1024

/** A task as a file has it. */
export type Entry = { readonly id: number | undefined; readonly params: Settings }
type Read = { readonly entries: readonly Entry[] } | { readonly error: string }

/** The two files of one server. */
export type QueueFiles = {
  /** Loads what saving needs. To be called as soon as there is a queue: the end of the server waits for nothing. */
  readonly prepare: () => void
  readonly save: (queue: readonly Task[]) => void
  readonly saveFailed: (queue: readonly Task[]) => void
  /** The saved queue, which is gone after that. */
  readonly takeSaved: () => Buffer | undefined
}

/** Build them for a data folder. */
export function createQueueFiles(dataFolder: string): QueueFiles {
  const autosavePath = join(dataFolder, 'queue.zip')
  const errorPath = join(dataFolder, 'error_queue.zip')
  const loaded: { zip?: Zip } = {}
  const write = (path: string, queue: readonly Task[]): void => {
    try {
      if (loaded.zip !== undefined) writeFileSync(path, packQueue(loaded.zip, queue))
    } catch (error) {
      // A disk that refuses is complained about and no more: there is something worse going on already.
      const text = error instanceof Error ? error.message : String(error)
      process.stderr.write(`Error during autosave: ${text}\n`)
    }
  }
  return {
    prepare: () => {
      if (loaded.zip === undefined) void loadZip().then((zip) => Object.assign(loaded, { zip }))
    },
    save: (queue) => write(autosavePath, queue),
    saveFailed: (queue) => write(errorPath, queue),
    takeSaved: () => {
      if (!existsSync(autosavePath)) return undefined
      const bytes = readFileSync(autosavePath)
      rmSync(autosavePath)
      return bytes
    },
  }
}

type Zip = Pick<typeof fflate, 'strFromU8' | 'strToU8' | 'unzipSync' | 'zipSync'>

/** Not at the start: it is needed for a queue only, and takes 10 ms. */
const loadZip = (): Promise<Zip> => import('fflate')

/** A queue as a zip. */
function packQueue({ strToU8, zipSync }: Zip, queue: readonly Task[]): Uint8Array {
  const manifest = queue.map(({ id, params, modelType }) => ({
    id,
    params: { ...params, settings_version: settingsVersion, base_model_type: modelType },
  }))
  // A fixed date: the same queue makes the same bytes.
  return zipSync({ 'queue.json': strToU8(JSON.stringify(manifest, null, 4)) }, { mtime: '2026-01-01' })
}

/** Read a queue zip. Attachments that the zip does not have are left out, wherever else they may lie. */
export async function readQueueZip(bytes: Uint8Array): Promise<Read> {
  const zip = await loadZip()
  const files = unpack(zip, bytes)
  if ('error' in files) return files
  const manifest = files.names.get('queue.json')
  if (manifest === undefined) return { error: 'queue.json not found in zip file' }
  const list = parse(zip.strFromU8(manifest))
  if ('error' in list) return list
  if (!Array.isArray(list.value)) return { error: 'queue.json must contain a list of tasks' }
  return { entries: list.value.map((item) => withAttachments(entryOf(item), new Set(files.names.keys()))) }
}

/** Read a settings JSON: one settings object, a list of them, or a list of `{id, params}`. */
export function readSettingsJson(text: string): Read {
  const parsed = parse(text)
  if ('error' in parsed) return { error: `Invalid JSON: ${parsed.error}` }
  const { value } = parsed
  const isList = Array.isArray(value)
  if (!isList && !isSettings(value)) {
    return { error: 'Settings file must contain a JSON object or a list of tasks' }
  }
  const items: readonly unknown[] = isList ? value : [value]
  const isManifest = items.every((item) => isSettings(item) && 'params' in item)
  return {
    entries: items.filter(isSettings).map((item) => {
      const { id, params } = isManifest ? entryOf(item) : { id: undefined, params: item }
      return { id, params: without(params, attachmentKeys) }
    }),
  }
}

function unpack(
  { unzipSync }: Zip,
  bytes: Uint8Array,
): { readonly names: ReadonlyMap<string, Uint8Array> } | { error: string } {
  let left = unpackedBytesMax
  try {
    const files = unzipSync(bytes, {
      filter: ({ originalSize }) => {
        left -= originalSize
        if (left < 0) throw new RangeError('the queue file is too large')
        return true
      },
    })
    return { names: new Map(Object.entries(files)) }
  } catch (error) {
    if (error instanceof RangeError) return { error: error.message }
    return { error: 'File is not a zip file' }
  }
}

function parse(text: string): { readonly value: unknown } | { readonly error: string } {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  }
}

function isSettings(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function entryOf(item: unknown): Entry {
  const { id, params } = isSettings(item) ? item : { id: undefined, params: {} }
  return {
    id: typeof id === 'number' && Number.isSafeInteger(id) ? id : undefined,
    params: isSettings(params) ? params : {},
  }
}

function withAttachments({ id, params }: Entry, names: ReadonlySet<string>): Entry {
  const isThere = (value: unknown): boolean =>
    Array.isArray(value) ? value.every(isThere) : typeof value === 'string' && names.has(value)
  const lost = attachmentKeys.filter((key) => params[key] !== undefined && !isThere(params[key]))
  return { id, params: without(params, lost) }
}

function without(params: Settings, keys: readonly string[]): Settings {
  return Object.fromEntries(Object.entries(params).filter(([key]) => !keys.includes(key)))
}
