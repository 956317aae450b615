/**
 * `npm test`: every test of the project, or the projects and files that the arguments name. Writes the Allure page
 * and reports/summary.json. The last line is `N passed, N failed`; exit code 0 only if nothing failed.
 */
import { parseArgs } from 'node:util'
import { prepare } from './prepare.ts'
import { reportPage, writeAllureReport, writeSummary } from './report.ts'
import { runTests } from './run-tests.ts'

const usage = `Usage: npm test -- [--project unit|docker|e2e|recovery|load]... [part of a file name]...`

const { values, positionals } = parseArguments()
if (values.help) {
  console.log(usage)
  process.exit(0)
}
if (values.project.length === 0 || values.project.some((project) => project !== 'unit')) await prepare()
const outcome = await runTests(values.project, positionals)
writeSummary(outcome, process.env.SQUALL_ENGINE === 'process' ? 'process' : 'docker')
await writeAllureReport()
const { passed, failed, skipped, wallMs } = outcome.total
console.log(`\n${(wallMs / 1000).toFixed(1)} s, report in ${reportPage}, figures in reports/summary.json`)
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0

function parseArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        project: { type: 'string', multiple: true, default: [] },
        help: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    console.error(`test: ${error instanceof Error ? error.message : String(error)}\n${usage}`)
    process.exit(3)
  }
}
