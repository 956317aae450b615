/**
 * What a reaper did when its harness was gone, as one JSON file on the machine of the harness: the logs of its
 * container go with the container. Written after healing and again after removal, so that half a reaping shows too.
 */
import { writeFileSync } from 'node:fs'
import type { Undone } from './heal-intents.ts'

export type Reaped = {
  readonly run: string
  readonly engine: 'docker' | 'process'
  /** ISO 8601, when the harness was taken for gone. */
  readonly at: string
  readonly why: 'the harness was gone' | 'the harness was silent for longer than its lease' | 'asked to end'
  /** Faults that were in force, the last first. */
  readonly healed: readonly Undone[]
  /** "container squall-x-comfyui"; absent while removal is under way. */
  readonly removed?: readonly string[]
  readonly left?: readonly string[]
  readonly error?: string
  /** From taking the harness for gone to here. */
  readonly tookMs: number
}

/** @param path Nowhere when undefined: an engine on another machine. A report that cannot be written stops nothing. */
export function writeReaped(path: string | undefined, reaped: Reaped): void {
  if (path === undefined) return
  try {
    writeFileSync(path, `${JSON.stringify(reaped, null, 2)}\n`)
  } catch {
    // A full disk must not keep the reaper from its work.
  }
}
