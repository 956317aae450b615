/** Runs the cases of a contract one after the other and says how each ended. A case that hangs has failed. */
import type { Case, CaseResult, ContractTarget, Group, RunOptions } from './case.ts'
import { CaseFailure, CaseSkipped, type Difference } from './compare.ts'

const caseBudgetMsDefault = 20_000

/** Runs every chosen case. Never rejects because of a case. */
export async function runGroups<Target extends ContractTarget>(
  groups: readonly Group<Target>[],
  target: Target,
  options: RunOptions = {},
): Promise<CaseResult[]> {
  const results: CaseResult[] = []
  for (const { name, one } of namedCases(groups)) {
    if (options.isChosen?.(name) === false) continue
    const result = judged(await runCase(name, one, target), options.known?.[name])
    results.push(result)
    options.onResult?.(result)
  }
  return results
}

/** All cases with their full names. */
export function namedCases<Target>(
  groups: readonly Group<Target>[],
): { readonly name: string; readonly one: Case<Target> }[] {
  return groups.flatMap(({ name: group, cases }) =>
    cases.map((one) => ({ name: `${group}: ${one.name}`, one })),
  )
}

/** A documented difference that is none any more is a failure: the document is wrong. */
function judged(result: CaseResult, reason: string | undefined): CaseResult {
  if (reason === undefined || result.outcome === 'skipped') return result
  if (result.outcome === 'failed') return { ...result, outcome: 'differs', reason }
  const differences = [{ path: 'documented difference', expected: reason, got: 'no difference any more' }]
  return { ...result, outcome: 'failed', differences }
}

async function runCase<Target extends ContractTarget>(
  name: string,
  one: Case<Target>,
  target: Target,
): Promise<CaseResult> {
  const lacking = (one.needs ?? []).flatMap((need) => target.lacks(need) ?? [])
  if (lacking.length > 0) return { name, outcome: 'skipped', ms: 0, reason: lacking.join('; ') }
  const startMs = performance.now()
  const ended = (outcome: CaseResult['outcome'], more: object = {}): CaseResult => ({
    name,
    outcome,
    ms: Math.round(performance.now() - startMs),
    ...more,
  })
  try {
    await withBudget(one.budgetMs ?? caseBudgetMsDefault, one.run(target))
    return ended('passed')
  } catch (error) {
    if (error instanceof CaseSkipped) return ended('skipped', { reason: error.message })
    return ended('failed', { differences: differencesIn(error) })
  }
}

function differencesIn(error: unknown): readonly Difference[] {
  if (error instanceof CaseFailure) return error.differences
  const got = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return [{ path: 'case', expected: 'an end without an error', got }]
}

/** The promise, or a failure once the time is up. */
export async function withBudget<T>(budgetMs: number, promise: Promise<T>, what = 'case'): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const limit = AbortSignal.timeout(budgetMs)
  const expire = (): void =>
    reject(new CaseFailure([{ path: what, expected: `an end within ${budgetMs} ms`, got: 'none' }]))
  limit.addEventListener('abort', expire, { once: true })
  try {
    return await Promise.race([promise, late])
  } finally {
    limit.removeEventListener('abort', expire)
  }
}
