/** One run in a few lines for the terminal: verdict first, then what was broken and how fast it came back. */
import type { Verdict } from '../verdict/verdict.ts'

export type RunSummary = {
  readonly title: string
  readonly seed: number
  readonly engine: string
  readonly status: string
  readonly outcome: string
  readonly problem?: string
  readonly verdict: Verdict
  readonly folder: string
}

/** Plain lines without a line end. */
export function summaryLines(run: RunSummary): string[] {
  const { operations, latencyMs, recoveries } = run.verdict.figures
  const head =
    run.status === 'completed'
      ? run.outcome.toUpperCase()
      : `${run.status.toUpperCase()}: ${run.problem ?? ''}`
  return [
    `${head}  ${run.title} (${run.engine} engine, seed ${run.seed})`,
    ...run.verdict.checks.map(
      (check) => `  ${check.outcome.padEnd(8)}${check.check.padEnd(16)} ${check.reason}`,
    ),
    `  operations  ${operations.begun} begun, ${operations.ok} ok, ${operations.fail} refused, ${operations.info} unknown; ` +
      `p50 ${latencyMs.p50.toFixed(0)} ms, p95 ${latencyMs.p95.toFixed(0)} ms`,
    ...recoveries.map((card) => `  ${recoveryLine(card)}`),
    `  evidence    ${run.folder}`,
    `  replay      npm run -s squall -- replay ${run.folder}`,
  ]
}

/** "kill of comfyui: noticed after 52 ms, healthy 310 ms after the heal, first job ok after 904 ms". */
export function recoveryLine(card: Verdict['figures']['recoveries'][number]): string {
  const ms = (value: number | undefined): string =>
    value === undefined ? 'never' : `${Math.round(value)} ms`
  return (
    `${card.kind} of ${card.on}: noticed after ${ms(card.detectMs)}, healthy ${ms(card.healthyMs)} after the heal, ` +
    `first job ok after ${ms(card.firstOkMs)}`
  )
}
