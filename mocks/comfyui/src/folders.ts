/**
 * The three folders of a server: output and input survive a restart, temp is wiped at start (measured, golden 13).
 * File names of results go on counting from what is on disk.
 */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join, normalize, resolve, sep } from 'node:path'
import { PythonError } from './python-error.ts'

/** The kinds a client can name. */
export type FolderType = 'output' | 'input' | 'temp'

/** Where a result or an upload lives, as clients see it. */
export type FileReference = {
  readonly filename: string
  readonly subfolder: string
  readonly type: FolderType
}

/** The folders of one twin. */
export type Folders = {
  readonly path: (type: FolderType) => string
  /** Path of a file inside its folder; undefined if `subfolder` or `name` would leave it. */
  readonly inside: (type: FolderType, subfolder: string, name: string) => string | undefined
  /**
   * Writes `<prefix>_<5 digits>_<extension>`; the number is the highest present plus one. Where the prefix holds
   * `%batch_num%`, the number counts from what is there under the very name with that text, so mostly from 1.
   */
  readonly save: (
    type: FolderType,
    prefix: string,
    extension: string,
    bytes: Buffer,
    batchNumber?: number,
  ) => Promise<FileReference>
  /** A file of the input folder by its name, which may end in ` [input]`. Throws PythonError if it is gone. */
  readonly readInput: (name: string) => Promise<{ readonly path: string; readonly bytes: Buffer }>
  /** Names of the files directly in the input folder, sorted. */
  readonly inputFiles: () => string[]
}

/** Whether a text names a folder type. */
export function isFolderType(text: string): text is FolderType {
  return text === 'output' || text === 'input' || text === 'temp'
}

/** Creates the folders under `dataFolder` and empties temp. */
export function openFolders(dataFolder: string): Folders {
  const path = (type: FolderType): string => join(dataFolder, type)
  rmSync(path('temp'), { recursive: true, force: true })
  for (const type of ['output', 'input', 'temp'] as const) mkdirSync(path(type), { recursive: true })
  const inside = (type: FolderType, subfolder: string, name: string): string | undefined => {
    const base = path(type)
    const folder = resolve(base, subfolder)
    const full = resolve(folder, name)
    return isWithin(base, folder) && isWithin(base, full) ? full : undefined
  }
  return {
    path,
    inside,
    readInput: async (name) => {
      const full = resolve(path('input'), name.replace(/ \[input\]$/, ''))
      const bytes = await readFile(full).catch(() => undefined)
      if (bytes !== undefined) return { path: full, bytes }
      throw new PythonError('FileNotFoundError', `[Errno 2] No such file or directory: '${full}'`)
    },
    inputFiles: () =>
      readdirSync(path('input'), { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => entry.name)
        .sort(),
    save: async (type, prefix, extension, bytes, batchNumber = 0) => {
      const base = path(type)
      const name = basename(normalize(prefix))
      const subfolder = dirname(normalize(prefix)) === '.' ? '' : dirname(normalize(prefix))
      const folder = resolve(base, subfolder)
      if (!isWithin(base, folder)) throw outsideOutput(folder, base)
      mkdirSync(folder, { recursive: true })
      const numbered = name.replaceAll('%batch_num%', String(batchNumber))
      const number = nextNumber(folder, name) + (numbered === name ? 0 : batchNumber)
      const filename = `${numbered}_${String(number).padStart(5, '0')}_${extension}`
      await writeFile(join(folder, filename), bytes)
      return { filename, subfolder, type }
    },
  }
}

/** A path to write to. @throws PythonError for a NUL, which Python's `open` refuses where reading only finds nothing. */
export function writable(path: string): string {
  if (path.includes('\0')) throw new PythonError('ValueError', 'embedded null byte')
  return path
}

/** Path of `name` below `base`; undefined if it would leave it. */
export function insideFolder(base: string, name: string): string | undefined {
  const full = resolve(base, name)
  return isWithin(base, full) ? full : undefined
}

function isWithin(base: string, path: string): boolean {
  return path === base || path.startsWith(base + sep)
}

function nextNumber(folder: string, name: string): number {
  if (!existsSync(folder)) return 1
  const numbers = readdirSync(folder)
    .filter((file) => file.startsWith(`${name}_`))
    .map((file) => Number.parseInt(file.slice(name.length + 1).split('_')[0] ?? '', 10))
    .filter((number) => !Number.isNaN(number))
  return Math.max(0, ...numbers) + 1
}

/** Text measured in golden 06. */
function outsideOutput(folder: string, base: string): PythonError {
  return new PythonError(
    'Exception',
    `**** ERROR: Saving image outside the output folder is not allowed.\n full_output_folder: ${folder}\n         output_dir: ${base}`,
    [
      ['nodes.py', 1694, 'save_images'],
      ['folder_paths.py', 557, 'get_save_image_path'],
    ],
  )
}
