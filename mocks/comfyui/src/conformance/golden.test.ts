/**
 * Replays the recordings of a real server against the twin. Each recording is one test; its cases are named by line
 * number. Whatever differs must be in `known-differences.ts`, and whatever is there must still differ.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { goldenFiles } from './golden-files.ts'
import { replayFile } from './replay-file.ts'

test.each(goldenFiles)('$name', { timeout: 60_000 }, async (file) => {
  const folder = mkdtempSync(join(tmpdir(), 'golden-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const { cases, passed, known, unexpected, gone } = await replayFile(file, folder)
  expect(unexpected).toEqual([])
  expect(gone).toEqual([])
  expect(passed).toBe(cases - known.length)
  expect(passed).toBeGreaterThan(known.length)
})
