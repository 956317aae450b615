/** How the process ends. Unknown never ends with 0; a broken harness is not a failed client. */
import type { RunResult } from '../run/finish-run.ts'

export const exitCode = { pass: 0, fail: 1, unknown: 2, broken: 3 } as const
export type ExitCode = (typeof exitCode)[keyof typeof exitCode]

export function exitCodeOf(result: Pick<RunResult, 'status' | 'outcome'>): ExitCode {
  if (result.status === 'broken') return exitCode.broken
  const isJudged = result.status === 'completed' || result.status === 'stopped'
  return isJudged ? exitCode[result.outcome] : exitCode.unknown
}

/** The worst of several: broken, then fail, then unknown, then pass. Nothing at all is unknown. */
export function worstOf(codes: readonly ExitCode[]): ExitCode {
  const order = [exitCode.broken, exitCode.fail, exitCode.unknown, exitCode.pass]
  return order.find((code) => codes.includes(code)) ?? exitCode.unknown
}
