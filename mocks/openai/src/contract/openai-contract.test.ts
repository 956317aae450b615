/** The contract against the twin, as the `conformance` command runs it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openaiContract } from './openai-contract.ts'

test('the twin passes every case', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'squall-openai-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const { startTwin, run, twinDiffers } = openaiContract
  await using twin = await startTwin(folder)
  const results = await run(twin.url(), { mayHarm: true, restart: twin.startAgain, known: twinDiffers })
  expect(results.filter(({ outcome }) => outcome !== 'passed')).toEqual([])
  expect(results.length).toBeGreaterThan(10)
})
