/**
 * The history of one run as a page without outside requests: the fault windows shaded over lanes for health and
 * for every job, then each job's fate, the checks and the figures. Opened by hand or inside the Allure report.
 */
import type { HistoryEvent } from '../history/event.ts'
import type { Experiment } from '../spec/experiment.ts'
import type { Verdict } from '../verdict/verdict.ts'
import { type Html, html } from './html.ts'
import { drawChart } from './timeline/chart.ts'
import { jobTable } from './timeline/job-table.ts'
import { style } from './timeline/style.ts'

export type TimelineFacts = {
  /** On what and with whom: engine, client, time. */
  readonly about: string
  /** The machine before and after the run. */
  readonly clean: string
}

/** @returns a complete HTML document. */
export function renderTimeline(
  experiment: Experiment,
  history: readonly HistoryEvent[],
  verdict: Verdict,
  { about, clean }: TimelineFacts = { about: '', clean: '' },
): string {
  const { operations, latencyMs } = verdict.figures
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${experiment.title}</title>
<style>${{ html: style }}</style>
</head>
<body>
<h1><span class="outcome ${verdict.outcome}">${verdict.outcome}</span> ${experiment.title}</h1>
<p class="facts">${about}</p>
<p class="facts">the machine afterwards: ${clean}</p>
<p class="facts">seed ${experiment.seed} &middot; ${operations.begun} operations: ${operations.ok} ok, ${operations.fail} refused,
${operations.info} unknown &middot; latency p50 ${ms(latencyMs.p50)}, p95 ${ms(latencyMs.p95)}</p>
${recoveryLines(verdict)}
<h2>What happened when</h2>
${drawChart(history)}
<h2>What the checks say</h2>
<table><tbody>${verdict.checks.map(
    (check) =>
      html`<tr><td><span class="outcome ${check.outcome}">${check.outcome}</span></td><td>${check.check}</td><td>${check.reason}${details(check.details)}</td></tr>`,
  )}</tbody></table>
<h2>What became of each job</h2>
${jobTable(history)}
</body>
</html>
`
  return page.html
}

function details(lines: readonly string[] | undefined): Html {
  return lines === undefined ? html`` : html`<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`
}

function recoveryLines(verdict: Verdict): Html {
  const cards = verdict.figures.recoveries.map(
    (card) => html`<p class="card"><b>${card.name}</b>
${card.isOutage || card.detectMs !== undefined ? noticed(card) : html``}
<span>in force for <b>${ms(card.healedAt === undefined ? undefined : card.healedAt - card.activeAt)}</b></span>
<span>first job ok <b>${ms(card.firstOkMs)}</b> after the heal</span>
<span>jobs open meanwhile <b>${card.operationsHit}</b></span></p>`,
  )
  return html`${cards}`
}

/** Only an outage obliges the client to notice; of anything else it may know nothing. */
function noticed(card: Verdict['figures']['recoveries'][number]): Html {
  return html`<span>noticed after <b>${ms(card.detectMs)}</b></span>
<span>healthy again <b>${ms(card.healthyMs)}</b> after the heal</span>`
}

function ms(value: number | undefined): string {
  return value === undefined ? 'never' : `${Math.round(value)} ms`
}
