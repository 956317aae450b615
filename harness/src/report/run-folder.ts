/**
 * The stored evidence of one run: `.runs/<experiment>/<time>-<seed>/`. Everything in it is written before it is
 * needed, so that a crash loses nothing. `docs/reading-a-verdict.md` walks through the files.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { SquallError } from '../support/errors.ts'

export type RunFolder = {
  readonly path: string
  file(name: RunFile): string
  writeJson(name: RunFile, value: unknown): void
  writeText(name: RunFile, text: string): void
  /** Logs of one service, under `logs/`. */
  writeLog(service: string, text: string): void
}

export type RunFile =
  | 'experiment.json'
  | 'machine.json'
  | 'history.ndjson'
  | 'receipts.json'
  | 'verdict.json'
  | 'clean.json'
  | 'timeline.html'
  /** Only where a reaper had to act. */
  | 'reaped.json'

/**
 * Makes a new folder; a second run of the same second gets a suffix.
 * @param root Where `.runs` is; by default the working directory.
 * @throws SquallError `no-run-folder` when it cannot be written (no space, read-only).
 */
export function createRunFolder(title: string, seed: number, startedAt: Date, root: string): RunFolder {
  const time = startedAt.toISOString().replace(/[-:]/g, '').replace(/\..*/, '')
  const parent = join(root, '.runs', slugOf(title))
  try {
    mkdirSync(parent, { recursive: true })
    const path = firstFree((suffix) => join(parent, `${time}-${seed}${suffix}`))
    mkdirSync(join(path, 'logs'))
    writeFileSync(join(root, '.runs', 'latest'), `${path}\n`)
    return openRunFolder(path)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new SquallError(
      'no-run-folder',
      `Cannot write a run folder under ${parent}: ${reason}; free space or fix its rights`,
    )
  }
}

function firstFree(pathFor: (suffix: string) => string): string {
  for (let attempt = 0; ; attempt++) {
    const path = pathFor(attempt === 0 ? '' : `.${attempt}`)
    try {
      mkdirSync(path)
      return path
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 100) throw error
    }
  }
}

/** An existing folder. */
export function openRunFolder(folder: string): RunFolder {
  const path = resolve(folder)
  const file = (name: RunFile): string => join(path, name)
  return {
    path,
    file,
    writeJson: (name, value) => writeFileSync(file(name), `${JSON.stringify(value, null, 2)}\n`),
    writeText: (name, text) => writeFileSync(file(name), text),
    writeLog: (service, text) => writeFileSync(join(path, 'logs', `${service}.log`), text),
  }
}

/** A JSON file of a stored run. @throws SquallError `bad-run-folder` */
export function readRunJson(folder: RunFolder, name: RunFile): unknown {
  try {
    return JSON.parse(readFileSync(folder.file(name), 'utf8'))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new SquallError(
      'bad-run-folder',
      `Cannot read ${folder.file(name)}: ${reason}; name the folder of a run`,
    )
  }
}

/** Letters, digits and dashes: a title never names a path outside its folder. */
export function slugOf(title: string): string {
  const slug = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return slug.slice(0, 60) || 'experiment'
}
