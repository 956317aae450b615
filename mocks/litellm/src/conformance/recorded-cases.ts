/** The cases that the real LiteLLM was recorded with (contract/), as cases of the `conformance` command. */
import type { CaseResult, RunOptions } from '@squall/twin-kit/conformance/case'
import { show } from '@squall/twin-kit/conformance/compare'
import { contractCases } from '../contract/cases.ts'
import { type CaseResult as Observed, runContract } from '../contract/run-contract.ts'
import { openTwinGateway } from '../contract/twin-gateway.ts'

const prefix = 'recorded '

/** Full names of all of them. */
export const recordedNames: readonly string[] = contractCases.map(({ name }) => prefix + name)

/** Runs the chosen ones against twins of their own, and compares with what the real one let them see. */
export async function runRecorded({ isChosen, onResult }: RunOptions): Promise<CaseResult[]> {
  const chosen = recordedNames.filter((name) => isChosen?.(name) !== false)
  if (chosen.length === 0) return []
  const results: CaseResult[] = []
  const clock = { atMs: performance.now() }
  await runContract({
    name: 'twin',
    open: openTwinGateway,
    only: chosen.map((name) => name.slice(prefix.length)),
    onCase: (observed) => {
      const nowMs = performance.now()
      const result = judged(observed, Math.round(nowMs - clock.atMs))
      clock.atMs = nowMs
      // A name may be part of another, which was not chosen.
      if (!chosen.includes(result.name)) return
      results.push(result)
      onResult?.(result)
    },
  })
  return results
}

function judged({ name, outcome, differences }: Observed, ms: number): CaseResult {
  const shown = differences.map(({ path, real, seen }) => ({ path, expected: show(real), got: show(seen) }))
  const full = prefix + name
  if (outcome === 'same') return { name: full, outcome: 'passed', ms }
  if (outcome === 'different') return { name: full, outcome: 'failed', ms, differences: shown }
  const reason = [...new Set(differences.flatMap((one) => one.reason ?? []))].join('; ')
  return { name: full, outcome: 'differs', ms, reason, differences: shown }
}
