/** What the command prints. */
import type { CaseResult, Contract } from '@squall/twin-kit/conformance/case'
import { showDifference } from '@squall/twin-kit/conformance/compare'
import type { ServiceOutcome } from './run-service.ts'

/** Lines about a case that did not simply pass; undefined for one that did. */
export function shownCase(service: string, result: CaseResult): string | undefined {
  const { name, outcome, reason, differences = [] } = result
  if (outcome === 'passed') return undefined
  const head = `${service}  ${outcome.padEnd(7)}  ${name}${reason === undefined ? '' : `: ${reason}`}`
  if (outcome !== 'failed') return head
  return [head, ...differences.map((difference) => `    ${showDifference(difference)}`)].join('\n')
}

/** The line that ends a service. */
export function shownService({ service, server, url, ...counts }: ServiceOutcome): string {
  const { cases, passed, failed, differs, skipped } = counts
  const where = server === 'twin' ? 'fresh twin' : url
  return `${service}: ${cases} cases, ${passed} passed, ${failed} failed, ${differs} differ, ${skipped} skipped (${where})`
}

/** The last line. */
export function shownTotal(outcomes: readonly ServiceOutcome[], ms: number): string {
  const sum = (of: (one: ServiceOutcome) => number): number =>
    outcomes.reduce((total, one) => total + of(one), 0)
  const counts = `${sum((one) => one.passed)} passed, ${sum((one) => one.failed)} failed`
  const rest = `${sum((one) => one.differs)} differ, ${sum((one) => one.skipped)} skipped`
  const services = outcomes.length === 1 ? '1 service' : `${outcomes.length} services`
  return `conformance: ${services}, ${counts}, ${rest} in ${(ms / 1000).toFixed(1)} s`
}

/** All cases by name, with what they need. */
export function shownList(contracts: readonly Contract[], isChosen: (name: string) => boolean): string {
  return contracts
    .flatMap(({ service, names }) =>
      names
        .filter(({ name }) => isChosen(name))
        .map(
          ({ name, needs }) =>
            `${service}  ${name}${needs.length === 0 ? '' : `  (needs ${needs.join(', ')})`}`,
        ),
    )
    .join('\n')
}
