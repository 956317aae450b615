/** Empties a folder, all but some files that are needed afterwards: the token of the control port, a configuration. */
import { readdirSync, realpathSync, rmSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'

/** @param keep Paths of files; those that do not exist or lie elsewhere change nothing. */
export function emptyFolder(folder: string, keep: readonly string[]): void {
  const kept = keep.flatMap((path) => realFile(path) ?? [])
  empty(realpathSync(folder), kept)
}

function empty(folder: string, kept: readonly string[]): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (kept.includes(path)) continue
    if (kept.some((one) => one.startsWith(path + sep))) empty(path, kept)
    else rmSync(path, { recursive: true })
  }
}

function realFile(path: string): string | undefined {
  try {
    return statSync(path).isFile() ? realpathSync(path) : undefined
  } catch {
    return undefined
  }
}
