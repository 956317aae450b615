/** `case | twin | real`, and below it what differs. */
import type { CaseResult, ContractResult } from './run-contract.ts'

export type Sides = { readonly twin: ContractResult | undefined; readonly real: ContractResult | undefined }

export function printSideBySide({ twin, real }: Sides, print: (line: string) => void): void {
  const names = (twin ?? real)?.results.map(({ name }) => name) ?? []
  const width = Math.max(...names.map((name) => name.length), 'case'.length)
  print(`${'case'.padEnd(width)} | twin      | real`)
  for (const name of names) {
    const [one, other] = [resultOf(twin, name), resultOf(real, name)]
    print(`${name.padEnd(width)} | ${(one?.outcome ?? '-').padEnd(9)} | ${other?.outcome ?? '-'}`)
    for (const difference of [...(one?.differences ?? []), ...(other?.differences ?? [])]) {
      const { path, real: expected, seen, reason } = difference
      print(`    ${path}: real ${short(expected)}, here ${short(seen)}`)
      print(`      ${reason === undefined ? 'NOT EXPLAINED' : `because ${reason}`}`)
    }
  }
  for (const result of [twin, real]) {
    if (result === undefined) continue
    const explained = result.results.filter(({ outcome }) => outcome === 'known').length
    print(
      `${result.target}: ${result.cases} cases, ${result.passed} passed (${explained} with known differences), ${result.failed} failed`,
    )
  }
}

function resultOf(result: ContractResult | undefined, name: string): CaseResult | undefined {
  return result?.results.find((one) => one.name === name)
}

const shownMax = 300

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined'
  return text.length > shownMax ? `${text.slice(0, shownMax)}...` : text
}
