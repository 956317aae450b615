/** Makes a contract of groups of cases: hides what their target looks like, so that all contracts look the same. */
import type { CaseResult, Contract, ContractTarget, Group, OpenOptions } from './case.ts'
import { CaseFailure } from './compare.ts'
import { namedCases, runGroups } from './run-groups.ts'

/** A contract before its target is hidden. */
export type ContractParts<Target extends ContractTarget> = Omit<Contract, 'names' | 'run'> & {
  readonly open: (url: string, options: OpenOptions) => Promise<Target>
  readonly groups: readonly Group<Target>[]
}

/** The contract. A server that cannot even be looked at fails one case named `open`. */
export function defineContract<Target extends ContractTarget>({
  open,
  groups,
  ...rest
}: ContractParts<Target>): Contract {
  return {
    ...rest,
    names: namedCases(groups).map(({ name, one }) => ({ name, needs: one.needs ?? [] })),
    run: async (url, options) => {
      const startMs = performance.now()
      try {
        await using target = await open(url, options)
        return await runGroups(groups, target, options)
      } catch (error) {
        const result = unopened(error, Math.round(performance.now() - startMs))
        options.onResult?.(result)
        return [result]
      }
    },
  }
}

function unopened(error: unknown, ms: number): CaseResult {
  const got = error instanceof Error ? error.message : String(error)
  const one = { path: 'server', expected: 'something to look at', got }
  return {
    name: 'open',
    outcome: 'failed',
    ms,
    differences: error instanceof CaseFailure ? error.differences : [one],
  }
}
