import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkCatalog } from './catalog.ts'
import type { Outcome } from './check.ts'
import { accepted, invoke, ok, scriptedExperiment, wrote } from './scripted-run.ts'
import { checksOf, judge, mergeOutcomes } from './verdict.ts'

const good = [invoke(0, 'a'), accepted(1, 'a', 'p'), wrote(5, 'p', 'aa'), ok(9, 'a', 'aa')]

test('merge: fail over unknown over pass, in any order; nothing at all is unknown', () => {
  expect(mergeOutcomes([])).toBe('unknown')
  const outcome = fc.constantFrom<Outcome>('pass', 'fail', 'unknown')
  fc.assert(
    fc.property(fc.array(outcome, { minLength: 1 }), (outcomes) => {
      const expected = outcomes.includes('fail') ? 'fail' : outcomes.includes('unknown') ? 'unknown' : 'pass'
      expect(mergeOutcomes(outcomes)).toBe(expected)
    }),
  )
})

test('judge: a run without faults is not asked for recovery', () => {
  const experiment = scriptedExperiment({ faults: [] })
  expect(checksOf(experiment)).toEqual(['no-lost-jobs', 'outputs-intact', 'makes-progress'])
  expect(judge(experiment, good).outcome).toBe('pass')
})

test('judge: a check that crashes is unknown, never green', () => {
  const experiment = scriptedExperiment({ faults: [], checks: ['no-lost-jobs'] })
  const crash = () => {
    throw new Error('boom')
  }
  const verdict = judge(experiment, good, { ...checkCatalog, 'no-lost-jobs': crash })
  expect(verdict.outcome).toBe('unknown')
  expect(verdict.checks[0]?.reason).toBe('the check itself crashed: boom')
})

test('judge: figures follow from the history alone', () => {
  const { figures } = judge(scriptedExperiment({ faults: [] }), good)
  expect(figures.operations).toEqual({ begun: 1, ok: 1, fail: 0, info: 0 })
  expect(figures.successRate).toBe(1)
  expect(figures.latencyMs).toEqual({ p50: 10, p95: 10, max: 10 })
})
