/**
 * Where results go: `outputs/` under Wan2GP's naming pattern, and the copy in the Gradio cache that clients are sent
 * to. Only these two folders are served. The pattern's clock is UTC here; the real one is local time.
 */
import { createHash } from 'node:crypto'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { basename, extname, join, resolve, sep } from 'node:path'

/** A file as it was written. */
export type StoredOutput = {
  /** Path in the Gradio cache: what `FileData.path` and its URL say. */
  readonly cachePath: string
  /** Path in `outputs/`. */
  readonly outputPath: string
  /** Hex sha256 of the result, whatever reached the disk. */
  readonly sha256: string
  readonly bytes: number
}

/** The folders of one server. */
export type OutputStore = {
  /** Name of a result under Wan2GP's pattern. */
  readonly nameFor: (result: {
    readonly prompt: string
    readonly seed: number
    readonly atMs: number
    readonly extension: string
  }) => string
  /** Write a result under a free name. `written` is what reaches the disk, undefined for nothing. */
  readonly save: (result: {
    readonly bytes: Buffer
    readonly name: string
    readonly written: Buffer | undefined
  }) => Promise<StoredOutput>
  /** Put any file into the Gradio cache, for example an upload. */
  readonly cache: (name: string, bytes: Buffer) => Promise<string>
  /**
   * Absolute path of a file that may be served, and whether it lies in `outputs/`; else undefined. Relative paths
   * start at the data folder.
   */
  readonly allowed: (path: string) => { readonly path: string; readonly isOutput: boolean } | undefined
  /** A path that is not allowed. */
  readonly outside: (name: string) => string
}

/** Longest prompt in a file name; Wan2GP cuts by what the file system allows. */
const promptLengthMax = 50

/** Build the store below a data folder. Folders are made when first written to. */
export function createOutputStore(dataFolder: string): OutputStore {
  const outputsFolder = resolve(dataFolder, 'outputs')
  const cacheFolder = resolve(dataFolder, 'gradio')

  async function cachePathFor(name: string, sha256: string): Promise<string> {
    const folder = join(cacheFolder, sha256)
    await mkdir(folder, { recursive: true })
    return join(folder, cacheName(name))
  }

  return {
    nameFor: outputName,
    save: async ({ bytes, name, written }) => {
      const sha256 = sha256Of(bytes)
      await mkdir(outputsFolder, { recursive: true })
      const outputPath =
        written === undefined ? join(outputsFolder, name) : await writeNew(outputsFolder, name, written)
      const cachePath = await cachePathFor(basename(outputPath), sha256)
      if (written !== undefined) await copyFile(outputPath, cachePath)
      return { cachePath, outputPath, sha256, bytes: bytes.length }
    },
    cache: async (name, bytes) => {
      const path = await cachePathFor(name, sha256Of(bytes))
      await writeFile(path, bytes)
      return path
    },
    allowed: (path) => {
      if (path.includes('\0')) return undefined
      const absolute = resolve(dataFolder, path)
      const isWithin = (folder: string): boolean => absolute.startsWith(folder + sep)
      if (!isWithin(outputsFolder) && !isWithin(cacheFolder)) return undefined
      return { path: absolute, isOutput: isWithin(outputsFolder) }
    },
    outside: (name) => resolve(dataFolder, 'elsewhere', name),
  }
}

/** `YYYY-MM-DD-HHhMMmSSs_seed<seed>_<prompt>.<ext>`, the prompt without what file systems refuse, and cut. */
function outputName(options: {
  readonly prompt: string
  readonly seed: number
  readonly atMs: number
  readonly extension: string
}): string {
  const [day = '', time = ''] = new Date(options.atMs).toISOString().split('T')
  const [hours, minutes, seconds] = time.split(/[:.]/)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what has to go
  const prompt = options.prompt
    .replace(/[\u0000-\u001f\u007f<>:"/\\|?*]/g, '')
    .slice(0, promptLengthMax)
    .trim()
  return `${day}-${hours}h${minutes}m${seconds}s_seed${options.seed}_${prompt}${options.extension}`
}

const nameBytesMax = 200

/** Letters, digits and `._-, ` of the name, cut to 200 bytes; the extension as it is (Gradio 5.29). */
function cacheName(name: string): string {
  const extension = extname(name)
  let stem = name.slice(0, name.length - extension.length).replace(/[^\p{L}\p{N}._\-, ]/gu, '')
  while (stem !== '' && Buffer.byteLength(stem + extension) > nameBytesMax) stem = stem.slice(0, -1)
  return stem + extension
}

/** Write under a free name: `name`, else `name_2`, `name_3`, … as Wan2GP's `get_available_filename`. */
async function writeNew(folder: string, name: string, bytes: Buffer): Promise<string> {
  const extension = extname(name)
  const stem = name.slice(0, -extension.length)
  for (let copy = 1; ; copy += 1) {
    const path = join(folder, copy === 1 ? name : `${stem}_${copy}${extension}`)
    try {
      await writeFile(path, bytes, { flag: 'wx' })
      return path
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
  }
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
