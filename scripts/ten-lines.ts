/** What a whole test run comes down to, in ten lines: verdict, what was broken, how fast it recovered, where to look. */
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Figures } from '@squall/harness'
import type { MadeRun, TestOutcome } from './run-tests.ts'

export type Setting = {
  readonly engine: string
  /** Why it is not Docker, if it is not. */
  readonly reason: string | undefined
  readonly report: string
}

type StoredRun = MadeRun & {
  readonly outcome: string
  readonly figures: Figures
  readonly receipts: readonly {
    readonly kind: string
    readonly name: string
    readonly on: string
    readonly receipt?: { readonly evidence: string }
  }[]
  readonly services: readonly string[]
}

/** Always ten lines, so that people and scripts know where the end begins. */
export function tenLines(outcome: TestOutcome, setting: Setting): string[] {
  const runs = outcome.runs.map(readRun)
  // A4 before F, whatever order the files ran in.
  const byScenario = runs.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1))
  const { passed, failed, skipped, wallMs } = outcome.total
  const verdict = failed === 0 && passed > 0 ? 'PASS' : 'FAIL'
  const suites = Object.entries(outcome.perSuite).map(
    ([name, tally]) => `${name} ${tally.passed}/${tally.passed + tally.failed}`,
  )
  return [
    '─'.repeat(78),
    `Squall: ${verdict} in ${(wallMs / 1000).toFixed(0)} s: ${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''} (${suites.join(', ')})`,
    line(
      'engine',
      setting.engine === 'docker'
        ? 'docker, and process beside it'
        : `process: ${setting.reason ?? 'asked for with SQUALL_ENGINE'}`,
    ),
    line('services', servicesLine(runs)),
    line('broken', brokenLine(byScenario)),
    line('recovered', recoveredLine(byScenario)),
    line('jobs', jobsLine(runs, failed > 0)),
    line('load', loadLine(runs)),
    line('evidence', evidenceLine(runs, failed > 0)),
    line('report', setting.report),
  ]
}

function line(name: string, text: string): string {
  return `  ${name.padEnd(10)} ${text}`
}

function readRun(run: MadeRun): StoredRun {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(run.folder, name), 'utf8'))
  const verdict = read('verdict.json') as { outcome: string; figures: Figures }
  const history = readFileSync(join(run.folder, 'history.ndjson'), 'utf8')
    .split('\n')
    .filter((text) => text.includes('"type":"service"'))
  const services = history.map((text) => JSON.parse(text) as { service: string; implementation: string })
  return {
    ...run,
    outcome: verdict.outcome,
    figures: verdict.figures,
    receipts: read('receipts.json') as StoredRun['receipts'],
    services: services.map((service) => `${service.service} ${service.implementation}`),
  }
}

function servicesLine(runs: readonly StoredRun[]): string {
  const seen = [...new Set(runs.flatMap((run) => run.services))].sort()
  return seen.length === 0 ? 'no experiment was run' : seen.join('; ')
}

function brokenLine(runs: readonly StoredRun[]): string {
  const harmed = runs.flatMap((run) =>
    run.receipts
      .filter((fault) => fault.kind !== 'noop')
      .map((fault) => `${fault.name} (${idOf(run)}, ${run.engine})`),
  )
  return harmed.length === 0 ? 'nothing was broken' : firstOf(harmed)
}

/** So many are shown of what may be dozens; all of them are in the report. */
const shownMax = 3

function firstOf(items: readonly string[]): string {
  const more = items.length - shownMax
  return items.slice(0, shownMax).join('; ') + (more > 0 ? `; and ${more} more` : '')
}

function recoveredLine(runs: readonly StoredRun[]): string {
  const cards = runs.flatMap((run) => run.figures.recoveries.map((card) => ({ run, card })))
  // What left the service up may well pass unnoticed.
  const outages = cards.filter(({ card }) => card.isOutage)
  if (outages.length === 0) return 'nothing to recover from'
  return firstOf(outages.map(({ run, card }) => `${idOf(run)} ${run.engine}: ${recoveryText(card)}`))
}

function recoveryText(card: Figures['recoveries'][number]): string {
  const ms = (value: number | undefined, word: string): string =>
    value === undefined ? `never ${word}` : `${word} ${Math.round(value)} ms`
  const heal = `${ms(card.healthyMs, 'healthy')} and ${ms(card.firstOkMs, 'first job ok')} after the heal`
  return `${ms(card.detectMs, 'noticed')}, ${heal}`
}

/** The run to look at: one that did not pass, if anything failed. Some tests want a run that does not pass. */
function evidenceLine(runs: readonly StoredRun[], hasFailed: boolean): string {
  const bad = hasFailed ? runs.find((run) => run.outcome !== 'pass') : undefined
  const shown = bad ?? runs.at(-1)
  if (shown === undefined) return 'no experiment was run'
  const folder = relative(process.cwd(), shown.folder)
  return bad
    ? `look at ${folder}/timeline.html (${idOf(bad)} on ${bad.engine}: ${bad.outcome})`
    : `${runs.length} run folders under .runs; the last: ${folder}`
}

/** Some tests want jobs to be lost: at 50 % packet loss, or by a bug of a server that is known. */
function jobsLine(runs: readonly StoredRun[], hasFailed: boolean): string {
  const sum = (of: (run: StoredRun) => number): number => runs.reduce((total, run) => total + of(run), 0)
  const { begun, ok } = {
    begun: sum((run) => run.figures.operations.begun),
    ok: sum((run) => run.figures.operations.ok),
  }
  const unknown = sum((run) => run.figures.operations.info)
  const wanted = unknown > 0 && !hasFailed ? ' (as their tests expect)' : ''
  return `${begun} handed in, ${ok} ended well, ${unknown} lost or unknown${wanted}, ${sum((run) => run.figures.operations.fail)} refused`
}

function loadLine(runs: readonly StoredRun[]): string {
  const run = runs.find((candidate) => candidate.scenario.startsWith('A6'))
  if (run === undefined) return 'not run'
  const { successRate, connections, latencyMs } = run.figures
  return `50 users: ${(successRate * 100).toFixed(1)} % ok, p95 ${latencyMs.p95.toFixed(0)} ms, connection reuse ${connections.reuse.toFixed(2)}, acquired in ${connections.acquisitionMsMean.toFixed(1)} ms`
}

/** "A4 crash recovery" is "A4" where space is short. */
function idOf(run: MadeRun): string {
  return run.scenario.split(' ', 1)[0] ?? ''
}
