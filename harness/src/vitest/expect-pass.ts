/** The one assertion most suites need. Its failure says what the verdict says, so that nobody has to open a file. */
import { expect } from 'vitest'
import { summaryLines } from '../report/summary.ts'
import type { RunResult } from '../run/finish-run.ts'
import { summaryOf } from '../run/summary-of.ts'

/** @throws AssertionError with the checks, their reasons and the replay command, unless the outcome is `pass`. */
export function expectPass(result: RunResult): void {
  const lines = summaryLines(summaryOf(result))
  expect(result.outcome, lines.join('\n')).toBe('pass')
}
