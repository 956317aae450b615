/**
 * A run inside the Allure report: labels to find it by, one step per check, and the evidence as attachments.
 * The only file that knows Allure. Outside a test that Allure watches, its functions do nothing.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  attachment,
  attachmentPath,
  epic,
  feature,
  label,
  logStep,
  parameter,
  Status,
  step,
  story,
  tag,
} from 'allure-js-commons'
import type { Outcome } from '../verdict/check.ts'
import type { Figures } from '../verdict/figures.ts'
import { type RunSummary, recoveryLine } from './summary.ts'

export type AllureLabels = {
  /** Id and name: "A4 crash recovery". */
  readonly scenario: string
  readonly engine: string
  readonly backends: readonly string[]
}

const statusOf: Readonly<Record<Outcome, Status>> = {
  pass: Status.PASSED,
  fail: Status.FAILED,
  unknown: Status.BROKEN,
}

/** Where the test stands in the report; called before the work, so that a crash is labelled too. */
export async function labelTest(labels: AllureLabels): Promise<void> {
  if (!isWatched()) return
  await epic('Scenarios')
  await feature(labels.scenario)
  await story(`${labels.engine} engine`)
  await label('scenario', labels.scenario)
  await label('engine', labels.engine)
  await tag(labels.scenario.split(' ', 1)[0] ?? '')
  await tag(labels.engine)
  for (const backend of labels.backends) {
    await label('backend', backend)
    await tag(backend)
  }
}

/** One named step of a test by hand; its time and its failure show in the report. */
export async function inStep<T>(name: string, work: () => Promise<T>): Promise<T> {
  return isWatched() ? await step(name, work) : await work()
}

/** Everything a reader needs to judge the run without a second look at the machine. */
export async function attachRun(
  run: RunSummary & { readonly implementations: Readonly<Record<string, string>> },
): Promise<void> {
  if (!isWatched()) return
  await parameter('seed', String(run.seed))
  await parameter('engine', run.engine)
  for (const [service, description] of Object.entries(run.implementations))
    await parameter(service, description)
  for (const check of run.verdict.checks) {
    await logStep(`${check.check}: ${check.reason}`, statusOf[check.outcome])
  }
  if (run.clean !== undefined)
    await logStep(`machine ${run.clean}`, run.status === 'broken' ? Status.BROKEN : Status.PASSED)
  for (const card of run.verdict.figures.recoveries) await logStep(recoveryLine(card), Status.PASSED)
  for (const line of figureLines(run.verdict.figures)) await logStep(line, Status.PASSED)
  await attachmentPath('timeline', join(run.folder, 'timeline.html'), {
    contentType: 'text/html',
    fileExtension: 'html',
  })
  await attachmentPath('verdict', join(run.folder, 'verdict.json'), 'application/json')
  if (run.outcome === 'pass') return
  await attachmentPath('history', join(run.folder, 'history.ndjson'), {
    contentType: 'text/plain',
    fileExtension: 'ndjson',
  })
  for (const service of Object.keys(run.implementations)) {
    await attachment(`${service} log`, readLog(run.folder, service), 'text/plain')
  }
}

/** Without its reporter (a test run by hand) every call would print a complaint. */
function isWatched(): boolean {
  return 'allureTestRuntime' in globalThis
}

function readLog(folder: string, service: string): string {
  try {
    return readFileSync(join(folder, 'logs', `${service}.log`), 'utf8') || '(it printed nothing)'
  } catch {
    return '(no log was kept: the service was never started)'
  }
}

/** The figures of a load, one line each, as the report shows them. */
function figureLines(figures: Figures): string[] {
  const { operations, connections, latencyMs } = figures
  const lines = [
    `operations: ${operations.ok} of ${operations.begun} ok (${(figures.successRate * 100).toFixed(1)} %), p50 ${latencyMs.p50.toFixed(0)} ms, p95 ${latencyMs.p95.toFixed(0)} ms`,
    `connections: ${connections.opened} opened for ${connections.requests} requests (reuse ${connections.reuse.toFixed(3)}), acquisition ${connections.acquisitionMsMean.toFixed(2)} ms on average, ${connections.retries} retries, ${connections.reconnects} reconnects`,
  ]
  const services = Object.entries(figures.services).map(
    ([name, of]) =>
      `${name}: ${(of.memoryBytesMax / 2 ** 20).toFixed(0)} MiB at most, ${of.cpuCores.toFixed(2)} cores (${of.samples} samples)`,
  )
  return [...lines, ...services]
}
