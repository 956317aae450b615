/**
 * Says when a test of a suite begins: such a test takes seconds, and Vitest tells of it only when its file is done.
 * On a terminal Vitest shows that itself.
 */
import type { Reporter, TestCase } from 'vitest/node'

const suites = new Set(['e2e', 'recovery', 'load'])

export const progressReporter: Reporter = {
  onTestCaseReady(test: TestCase) {
    if (process.stdout.isTTY || !suites.has(test.project.name)) return
    const parent = test.parent.type === 'suite' ? ` (${test.parent.name})` : ''
    console.log(`   ${test.project.name}: ${test.name}${parent} ...`)
  },
}
