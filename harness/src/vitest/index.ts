/**
 * Squall inside Vitest. The only folder of the harness that imports the test runner.
 *
 *   import { engines, expectPass, test } from '@squall/harness/vitest'
 *
 *   test.for(engines)('A4 crash recovery (%s)', async (engine, { run }) => {
 *     expectPass(await run(experiment, { engine, subject, scenario: 'A4' }))
 *   })
 */
export { inStep, labelTest } from '../report/allure.ts'
export { engines } from './engines.ts'
export { expectPass } from './expect-pass.ts'
export { type RunInTest, type StackInTest, test } from './fixtures.ts'
