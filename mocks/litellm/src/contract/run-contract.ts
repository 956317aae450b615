/**
 * Runs the contract against one kind of gateway and compares what it let the cases see with what the real LiteLLM
 * 1.101.6 did (golden.json). A difference is either known, with its reason, or it makes the case fail.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { contractCases } from './cases.ts'
import { type Difference, differences } from './compare.ts'
import type { ContractCase } from './contract-case.ts'
import { type ConfigName, configFiles, type OpenGateway } from './gateway.ts'
import { reasonFor as reasonOfTwin } from './known-differences.ts'
import { openSession, type Session } from './session.ts'

export type CaseResult = {
  readonly name: string
  /** `known` differs, and the reason is written down. */
  readonly outcome: 'same' | 'known' | 'different'
  readonly differences: readonly (Difference & { readonly reason: string | undefined })[]
  readonly seen: unknown
}

export type ContractResult = {
  readonly service: 'litellm'
  readonly target: string
  readonly cases: number
  readonly passed: number
  readonly failed: number
  readonly differences: readonly (Difference & {
    readonly case: string
    readonly reason: string | undefined
  })[]
  readonly results: readonly CaseResult[]
}

export type ContractTarget = {
  readonly name: string
  readonly open: OpenGateway
  /** Only cases whose name contains one of these. */
  readonly only?: readonly string[]
  readonly onCase?: (result: CaseResult) => void
  /** Which differences are accepted, and why. Default: those of the twin; the real one has none. */
  readonly reasonFor?: ReasonFor
}

export type ReasonFor = (name: string, difference: Difference) => string | undefined

/** What the real LiteLLM let each case see. */
export type Golden = Readonly<Record<string, unknown>>

export const goldenFile = join(import.meta.dirname, 'golden.json')

export function readGolden(): Golden {
  return JSON.parse(readFileSync(goldenFile, 'utf8')) as Golden
}

/** One gateway per configuration serves its cases, one after the other. */
export async function runContract(target: ContractTarget): Promise<ContractResult> {
  const golden = readGolden()
  const results: CaseResult[] = []
  for (const config of Object.keys(configFiles) as ConfigName[]) {
    const cases = contractCases.filter((one) => one.config === config && isWanted(one, target.only))
    if (cases.length === 0) continue
    await using gateway = await target.open(config)
    const session = openSession(gateway)
    for (const one of cases) {
      const result = await runCase(one, session, { golden, reasonFor: target.reasonFor ?? reasonOfTwin })
      results.push(result)
      target.onCase?.(result)
    }
  }
  const failed = results.filter(({ outcome }) => outcome === 'different').length
  return {
    service: 'litellm',
    target: target.name,
    cases: results.length,
    passed: results.length - failed,
    failed,
    differences: results.flatMap((result) =>
      result.differences.map((one) => ({ case: result.name, ...one })),
    ),
    results,
  }
}

/** Asks one case of a gateway and compares. A case that throws has seen that. */
export async function runCase(
  one: ContractCase,
  session: Session,
  { golden, reasonFor }: { readonly golden: Golden; readonly reasonFor: ReasonFor },
): Promise<CaseResult> {
  const observed = await one.observe(session).catch((error: unknown) => ({ thrown: String(error) }))
  // Through JSON, as the golden file went: undefined fields are gone on both sides.
  const seen: unknown = JSON.parse(JSON.stringify(observed ?? null))
  const all = differences(golden[one.name], seen).map((difference) => ({
    ...difference,
    reason: reasonFor(one.name, difference),
  }))
  const isDifferent = all.some(({ reason }) => reason === undefined)
  const outcome = isDifferent ? 'different' : all.length > 0 ? 'known' : 'same'
  return { name: one.name, outcome, differences: all, seen }
}

function isWanted({ name }: ContractCase, only: readonly string[] | undefined): boolean {
  return only === undefined || only.length === 0 || only.some((part) => name.includes(part))
}
