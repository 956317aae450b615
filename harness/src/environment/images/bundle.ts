/**
 * One program → one self-contained script, by rolldown. The bundler runs only when a file that went into the script
 * changed; otherwise this costs reading and hashing those files.
 *
 * The record beside each bundle lists the files it was made of. A new file can enter only through a change of a
 * listed one, because imports spell out their whole path; packages can change only with the lockfile.
 */
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../../support/errors.ts'
import { ImageError } from './image.ts'

export type BundleInput = {
  /** Name of the script: `comfyui` → `comfyui.mjs`. */
  readonly name: string
  /** Absolute path of the program's main file. */
  readonly main: string
  /** Files whose change may change any package: lockfiles. */
  readonly lockFiles: readonly string[]
  /** Where bundles are kept. */
  readonly folder: string
}

/** Content hash per file, as recorded when the bundle was made. */
type BundleRecord = {
  readonly format: number
  readonly main: string
  readonly hashes: Readonly<Record<string, string>>
}

/** Raise it when the way of bundling changes. */
const format = 1

/** The script's text. @throws ImageError when the program cannot be bundled, with the bundler's words. */
export async function bundleProgram(input: BundleInput): Promise<string> {
  const scriptPath = join(input.folder, `${input.name}.mjs`)
  const recordPath = join(input.folder, `${input.name}.json`)
  const kept = await readKept(scriptPath, recordPath, input.main)
  if (kept !== undefined) return kept
  const { script, modules } = await runBundler(input)
  const hashes: Record<string, string> = {}
  for (const path of [...modules, ...input.lockFiles]) hashes[path] = (await hashFile(path)) ?? ''
  await mkdir(input.folder, { recursive: true })
  await replaceFile(scriptPath, script)
  const record: BundleRecord = {
    format,
    main: input.main,
    hashes: { ...hashes, [scriptPath]: hashText(script) },
  }
  await replaceFile(recordPath, JSON.stringify(record, undefined, 1))
  return script
}

/** The kept script if everything it was made of is as it was, itself included. */
async function readKept(scriptPath: string, recordPath: string, main: string): Promise<string | undefined> {
  try {
    const record = JSON.parse(await readFile(recordPath, 'utf8')) as BundleRecord
    if (record.format !== format || record.main !== main) return undefined
    const same = await Promise.all(
      Object.entries(record.hashes).map(async ([path, hash]) => (await hashFile(path)) === hash),
    )
    return same.every(Boolean) ? await readFile(scriptPath, 'utf8') : undefined
  } catch {
    return undefined
  }
}

async function runBundler(input: BundleInput): Promise<{ script: string; modules: string[] }> {
  // Loaded here only: the usual case does not need it, and it is native code of 20 MB.
  const { rolldown } = await import('rolldown')
  try {
    await using bundle = await rolldown({ input: input.main, platform: 'node', logLevel: 'silent' })
    const { output } = await bundle.generate({ format: 'esm', codeSplitting: false, comments: false })
    const [chunk] = output
    if (output.length !== 1)
      throw new Error(`it makes ${output.length} files: ${output.map((o) => o.fileName).join(', ')}`)
    // Packages are pinned by the lockfile; virtual modules of the bundler are no files.
    const modules = chunk.moduleIds.filter((id) => id.startsWith('/') && !id.includes('/node_modules/'))
    return { script: chunk.code, modules }
  } catch (error) {
    throw new ImageError(`Cannot bundle ${input.name}: ${messageOf(error)}; correct ${input.main}`, {
      cause: error,
    })
  }
}

async function hashFile(path: string): Promise<string | undefined> {
  return await readFile(path).then(hashText, () => undefined)
}

function hashText(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

/** Whole or not at all: two processes may do this at once. */
async function replaceFile(path: string, content: string): Promise<void> {
  const fresh = `${path}.${randomUUID()}`
  await writeFile(fresh, content)
  await rename(fresh, path)
}
