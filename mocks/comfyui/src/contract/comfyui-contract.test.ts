/** The contract against the twin, as the `conformance` command runs it. The recordings have a test of their own. */
import { expect, test } from 'vitest'
import { temporaryFolder } from '../testing/observed-twin.ts'
import { comfyuiContract } from './comfyui-contract.ts'

test('the twin passes every case', { timeout: 120_000 }, async () => {
  const { startTwin, run, twinDiffers } = comfyuiContract
  await using twin = await startTwin(temporaryFolder())
  const options = { mayHarm: true, restart: twin.startAgain, known: twinDiffers }
  const results = await run(twin.url(), options)
  expect(results.filter(({ outcome }) => outcome === 'failed' || outcome === 'skipped')).toEqual([])
  expect(results.length).toBeGreaterThan(100)
})
