/** Runs one contract: against a fresh twin of its own, or against a server that somebody else runs. */
import type { CaseResult, Contract, RunOptions } from '@squall/twin-kit/conformance/case'
import { temporaryFolder } from '@squall/twin-kit/conformance/temporary-folder'

/** What a contract said of one server. */
export type ServiceOutcome = {
  readonly service: string
  readonly server: 'twin' | 'given'
  readonly url: string
  readonly cases: number
  readonly passed: number
  readonly failed: number
  /** Documented differences, each with its reason in `results`. */
  readonly differs: number
  readonly skipped: number
  /** Everything that did not simply pass. */
  readonly results: readonly CaseResult[]
}

/** Starts the twin in an empty folder, runs everything, and leaves nothing. */
export async function runOnTwin(contract: Contract, options: RunOptions): Promise<ServiceOutcome> {
  using folder = temporaryFolder(`squall-conformance-${contract.service}-`)
  await using twin = await contract.startTwin(folder.path)
  const given = { ...options, known: contract.twinDiffers, mayHarm: true, restart: twin.startAgain }
  const results = await contract.run(twin.url(), given)
  const more = (await contract.runAlone?.(options)) ?? []
  return counted(contract, 'twin', twin.url(), [...results, ...more])
}

/** Runs against a server that is already there. Never excused by what our twin is known to do. */
export async function runOnServer(
  contract: Contract,
  url: string,
  options: RunOptions & { readonly mayHarm: boolean },
): Promise<ServiceOutcome> {
  return counted(contract, 'given', url, await contract.run(url, options))
}

function counted(
  contract: Contract,
  server: ServiceOutcome['server'],
  url: string,
  results: readonly CaseResult[],
): ServiceOutcome {
  const count = (outcome: CaseResult['outcome']): number =>
    results.filter((one) => one.outcome === outcome).length
  return {
    service: contract.service,
    server,
    url,
    cases: results.length,
    passed: count('passed'),
    failed: count('failed'),
    differs: count('differs'),
    skipped: count('skipped'),
    results: results.filter(({ outcome }) => outcome !== 'passed'),
  }
}
