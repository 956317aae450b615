/**
 * Where reapers of this machine tell what they did (reaper/reaped.ts): a folder beside the temp folders of runs, one
 * file per run. Whoever looks first (`squall heal`, or the next run) shows them and marks them as seen.
 * Knowingly missing: reports of runs on a container engine of another machine; its reaper's log has them.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nowMs } from '../support/clock.ts'
import { checkRunId } from './labels.ts'
import type { Reaped } from './reaper/reaped.ts'

/** A day is enough to come back to a build that was cancelled in the evening. */
const keptMs = 24 * 3_600_000

/** Its name in the folder of a run. */
const reapedFile = 'reaped.json'

/** The folder, made when it is missing. */
export function reportFolder(): string {
  const folder = join(tmpdir(), 'squall-reaped')
  mkdirSync(folder, { recursive: true })
  return folder
}

export function reportName(runId: string): string {
  return `${checkRunId(runId)}.json`
}

/** What the reaper of this run did, seen or not. */
export function readReport(runId: string): Reaped | undefined {
  const path = join(reportFolder(), reportName(runId))
  return read(path) ?? read(seen(path))
}

/** Says where the evidence of a run is kept: what its reaper does should lie there too. */
export function noteEvidenceFolder(runId: string, folder: string): void {
  try {
    writeFileSync(noteOf(runId), folder)
  } catch {
    // The folder of reports may be another user's: no reason not to run.
  }
}

/** The run has ended by itself. */
export function forgetEvidenceFolder(runId: string): void {
  rmSync(noteOf(runId), { force: true })
}

function noteOf(runId: string): string {
  return join(reportFolder(), `${checkRunId(runId)}.folder`)
}

/** Puts what the reaper of this run did beside the evidence of the run, if it has done anything, and forgets the place. */
export function deliverReport(runId: string): void {
  const note = noteOf(runId)
  const report = readReport(runId)
  try {
    const folder = readFileSync(note, 'utf8')
    if (report !== undefined) writeFileSync(join(folder, reapedFile), `${JSON.stringify(report, null, 2)}\n`)
  } catch {
    // It was never noted, or the folder is gone: the report itself is kept all the same.
  }
  if (report !== undefined) rmSync(note, { force: true })
}

/** Reports nobody has seen yet, the oldest first; from now on they count as seen. */
export function takeReports(): Reaped[] {
  const folder = reportFolder()
  const paths = readdirSync(folder).map((name) => join(folder, name))
  for (const path of paths.filter((one) => /\.(seen|folder)$/.test(one))) removeOld(path)
  const reports = paths.flatMap((path) => {
    // A report without an end is of a reaper at work.
    const report = path.endsWith('.json') ? read(path) : undefined
    return report?.removed === undefined ? [] : [{ path, report }]
  })
  for (const { path, report } of reports) {
    deliverReport(report.run)
    moveAway(path)
  }
  return reports.map(({ report }) => report).toSorted((a, b) => a.at.localeCompare(b.at))
}

/** One line for people. */
export function reportLine({ run, why, at, healed, removed = [], left = [] }: Reaped): string {
  const faults = healed.map(({ undo, outcome, error }) => `${undo} (${error ?? outcome})`)
  const parts = [
    faults.length === 0 ? '' : `healed ${faults.join(', ')}`,
    `removed ${removed.length === 0 ? 'nothing' : removed.join(', ')}`,
    left.length === 0 ? '' : `still there: ${left.join(', ')}`,
  ]
  return `reaped ${run} at ${at} because ${why}: ${parts.filter((part) => part !== '').join('; ')}`
}

function read(path: string): Reaped | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Reaped
  } catch {
    return undefined
  }
}

function seen(path: string): string {
  return path.replace(/\.json$/, '.seen')
}

function moveAway(path: string): void {
  try {
    renameSync(path, seen(path))
  } catch {
    // Somebody else was first, or it is another user's.
  }
}

function removeOld(path: string): void {
  try {
    if (nowMs() - statSync(path).mtimeMs > keptMs) rmSync(path, { force: true })
  } catch {
    // As above.
  }
}
