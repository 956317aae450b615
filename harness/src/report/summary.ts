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
  /** The machine before and after, in half a line; a replay looks at no machine. */
  readonly clean?: string
}

/** Plain lines without a line end. A run that did not complete shows its reason and no checks: they say nothing. */
export function summaryLines(run: RunSummary): string[] {
  const evidence = [
    ...(run.clean === undefined ? [] : [`  machine     ${run.clean}`]),
    `  evidence    ${run.folder} (open timeline.html)`,
    `  replay      npm run -s squall -- replay ${run.folder}`,
  ]
  const name = `${run.title} (${run.engine} engine, seed ${run.seed})`
  if (run.status !== 'completed') {
    return [`${run.status.toUpperCase()}  ${name}`, `  reason      ${run.problem ?? 'unknown'}`, ...evidence]
  }
  const { operations, latencyMs, recoveries } = run.verdict.figures
  const latency =
    operations.ok === 0 ? '' : `; p50 ${latencyMs.p50.toFixed(0)} ms, p95 ${latencyMs.p95.toFixed(0)} ms`
  return [
    `${run.outcome.toUpperCase()}  ${name}`,
    ...run.verdict.checks.flatMap((check) => [
      `  ${check.outcome.padEnd(8)}${check.check.padEnd(16)} ${check.reason}`,
      ...(check.outcome === 'fail' ? (check.details ?? []) : [])
        .slice(0, detailsMax)
        .map((line) => `    ${line}`),
    ]),
    `  operations  ${operations.begun} begun, ${operations.ok} ok, ${operations.fail} refused, ${operations.info} unknown${latency}`,
    ...recoveries.map((card) => `  recovery    ${recoveryLine(card)}`),
    ...evidence,
  ]
}

/** The rest is in verdict.json and on the timeline. */
const detailsMax = 12

/** "kill of comfyui: noticed after 52 ms, healthy 310 ms after the heal, first job ok after 904 ms". */
export function recoveryLine(card: Verdict['figures']['recoveries'][number]): string {
  const part = (value: number | undefined, some: string, none: string): string =>
    value === undefined ? none : some.replace('*', `${Math.round(value)} ms`)
  const firstOk = part(card.firstOkMs, 'first job ok after *', 'no job ok afterwards')
  if (!card.isOutage && card.detectMs === undefined) return `${card.name}: ${firstOk}`
  return [
    `${card.name}: ${part(card.detectMs, 'noticed after *', 'never noticed')}`,
    part(card.healthyMs, 'healthy * after the heal', 'never healthy again'),
    firstOk,
  ].join(', ')
}
