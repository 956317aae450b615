/**
 * Runs Vitest projects and sums up what came of them: per suite, and every run folder the tests made. The one
 * place that starts the test runner, behind `npm start` and `npm test`.
 */
import { rmSync } from 'node:fs'
import { type InlineConfig, startVitest, type TestCase, type TestModule } from 'vitest/node'
import { progressReporter } from './progress-reporter.ts'

/** Allure's reporter also installs the runtime that steps and labels go to; the matchers' own steps would bury them. */
const reporters: NonNullable<InlineConfig['reporters']> = [
  'default',
  progressReporter,
  ['allure-vitest/reporter', { resultsDir: 'reports/allure-results', reportMatchers: false }],
]

export type Tally = { passed: number; failed: number; skipped: number; wallMs: number }

export type MadeRun = { readonly scenario: string; readonly engine: string; readonly folder: string }

export type TestOutcome = {
  readonly total: Tally
  readonly perSuite: Readonly<Record<string, Tally>>
  readonly runs: readonly MadeRun[]
  /** Errors outside of any test: a file that does not load, an unhandled rejection. */
  readonly errors: number
}

/**
 * @param projects Names in vitest.workspace.ts; all when empty.
 * @param filters Parts of file names; all files when empty.
 */
export async function runTests(
  projects: readonly string[],
  filters: readonly string[],
): Promise<TestOutcome> {
  rmSync('reports/allure-results', { recursive: true, force: true })
  const beganAt = performance.now()
  const vitest = await startVitest('test', [...filters], {
    watch: false,
    reporters,
    ...(projects.length > 0 && { project: [...projects] }),
  })
  const modules = vitest.state.getTestModules()
  const errors =
    vitest.state.getUnhandledErrors().length + modules.filter((module) => module.errors().length > 0).length
  const perSuite: Record<string, Tally> = {}
  for (const module of modules) addModule(perSuite, module)
  const total = { passed: 0, failed: errors, skipped: 0, wallMs: Math.round(performance.now() - beganAt) }
  for (const tally of Object.values(perSuite)) {
    total.passed += tally.passed
    total.failed += tally.failed
    total.skipped += tally.skipped
  }
  const runs = modules.flatMap((module) =>
    [...module.children.allTests()].flatMap((test) => test.meta().squallRuns ?? []),
  )
  await vitest.close()
  return { total, perSuite, runs, errors }
}

function addModule(perSuite: Record<string, Tally>, module: TestModule): void {
  const tally = (perSuite[module.project.name] ??= { passed: 0, failed: 0, skipped: 0, wallMs: 0 })
  for (const test of module.children.allTests()) tally[fieldOf(test)] += 1
  tally.wallMs += Math.round(module.diagnostic().duration)
}

function fieldOf(test: TestCase): 'passed' | 'failed' | 'skipped' {
  const { state } = test.result()
  // A test without a result was never run: that is not a pass and not a choice.
  return state === 'pending' ? 'failed' : state
}
