/**
 * The folder of a run on this machine: data folders of process units, and a marker file that plays the part that
 * labels play for containers. A folder without that marker is not ours and is never removed.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkRunId } from './labels.ts'

const prefix = 'squall-'
const markerName = '.squall-run.json'

/** What the marker says. */
export type FolderMarker = {
  readonly run: string
  /** See owner.ts. */
  readonly owner: string
  /** ISO 8601. */
  readonly created: string
  /** The reaper process, in the form of an owner; absent until it was started. */
  readonly reaper?: string
}

/** Path of the folder of a run, whether it exists or not. */
export function runFolderPath(runId: string): string {
  return join(tmpdir(), `${prefix}${checkRunId(runId)}`)
}

/** Creates the folder with its marker, or rewrites the marker. Returns the path. */
export function markRunFolder(marker: FolderMarker): string {
  const folder = runFolderPath(marker.run)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, markerName), `${JSON.stringify(marker)}\n`)
  return folder
}

/** Every marked folder on this machine. */
export function findRunFolders(): { folder: string; marker: FolderMarker }[] {
  const found: { folder: string; marker: FolderMarker }[] = []
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(prefix)) continue
    const folder = join(tmpdir(), name)
    const marker = readMarker(folder)
    if (marker && runFolderName(marker.run) === name) found.push({ folder, marker })
  }
  return found
}

/** Removes the folder of a run. @returns false when there was none that carries the marker. */
export function removeRunFolder(runId: string): boolean {
  const folder = runFolderPath(runId)
  if (readMarker(folder)?.run !== runId) return false
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  return true
}

function runFolderName(runId: string): string {
  return `${prefix}${runId}`
}

function readMarker(folder: string): FolderMarker | undefined {
  try {
    const marker: unknown = JSON.parse(readFileSync(join(folder, markerName), 'utf8'))
    const valid = typeof marker === 'object' && marker !== null && 'run' in marker && 'owner' in marker
    return valid ? (marker as FolderMarker) : undefined
  } catch {
    return undefined
  }
}
