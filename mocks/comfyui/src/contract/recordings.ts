/** The golden recordings as cases of the contract: each answer and each run of frames is one. */
import type { CaseResult, RunOptions } from '@squall/twin-kit/conformance/case'
import { temporaryFolder } from '@squall/twin-kit/conformance/temporary-folder'
import { type GoldenFile, goldenFiles } from '../conformance/golden-files.ts'
import { knownDifferences } from '../conformance/known-differences.ts'
import { replayFile } from '../conformance/replay-file.ts'

/** Names by which `isChosen` is asked: one for each recording. */
export const recordingNames: readonly string[] = goldenFiles.map(({ name }) => `golden ${name}`)

/** Replays the chosen recordings against twins of its own. */
export async function replayRecordings({ isChosen, onResult }: RunOptions): Promise<CaseResult[]> {
  const results: CaseResult[] = []
  for (const file of goldenFiles) {
    if (isChosen?.(`golden ${file.name}`) === false) continue
    for (const result of await replayed(file)) {
      results.push(result)
      onResult?.(result)
    }
  }
  return results
}

async function replayed(file: GoldenFile): Promise<CaseResult[]> {
  using folder = temporaryFolder('squall-golden-')
  const startMs = performance.now()
  const { all, gone } = await replayFile(file, folder.path)
  const ms = Math.round((performance.now() - startMs) / Math.max(1, all.length))
  const reasons = knownDifferences[file.name] ?? {}
  return [
    ...all.map(({ name, difference }) =>
      judged(`golden ${file.name}: ${name}`, ms, difference, reasons[name]),
    ),
    ...gone.map((name): CaseResult => {
      const differences = [{ path: name, expected: reasons[name] ?? '', got: 'no difference any more' }]
      return { name: `golden ${file.name}: documented difference`, outcome: 'failed', ms, differences }
    }),
  ]
}

function judged(
  name: string,
  ms: number,
  difference: string | undefined,
  reason: string | undefined,
): CaseResult {
  if (difference === undefined) return { name, outcome: 'passed', ms }
  const [expected = '', got = ''] = difference.split('\n  actual ')
  const differences = [{ path: 'recording', expected: expected.replace(/^expected /, ''), got }]
  if (reason === undefined) return { name, outcome: 'failed', ms, differences }
  return { name, outcome: 'differs', ms, reason, differences }
}
