/**
 * `npm start`: the main job. Brings the stack up, breaks it, judges it, reports: the integration suites, the Allure
 * page, and ten lines that say what happened.
 */
import { parseArgs } from 'node:util'
import { prepare } from './prepare.ts'
import { reportPage, writeAllureReport, writeSummary } from './report.ts'
import { runTests } from './run-tests.ts'
import { tenLines } from './ten-lines.ts'

const usage = `Usage: npm start [-- part of a file name]...

Brings up ComfyUI, LiteLLM and Wan2GP, drives the reference client against them, kills a backend mid-job, and
writes a verdict and a report. SQUALL_ENGINE=process works without Docker.`

const { values, positionals } = parseArguments()
if (values.help) {
  console.log(usage)
  process.exit(0)
}
await prepare()
const outcome = await runTests(['e2e', 'recovery', 'load'], positionals)
const engine = process.env.SQUALL_ENGINE === 'process' ? 'process' : 'docker'
writeSummary(outcome, engine)
await writeAllureReport()
for (const line of tenLines(outcome, {
  engine,
  reason: process.env.SQUALL_ENGINE_REASON,
  report: reportPage,
})) {
  console.log(line)
}
process.exitCode = outcome.total.failed > 0 || outcome.total.passed === 0 ? 1 : 0

function parseArguments() {
  try {
    return parseArgs({ allowPositionals: true, options: { help: { type: 'boolean', default: false } } })
  } catch (error) {
    console.error(`start: ${error instanceof Error ? error.message : String(error)}\n${usage}`)
    process.exit(3)
  }
}
