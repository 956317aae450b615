import { expect, test } from 'vitest'
import {
  accepted,
  at,
  health,
  info,
  invoke,
  ok,
  refused,
  scriptedExperiment,
} from '../verdict/scripted-run.ts'
import { stopCondition } from './stop-watch.ts'

test('jobs lost: only those that a backend had accepted', () => {
  const condition = stopCondition(scriptedExperiment({ stopWhen: { jobsLost: 2 } }))
  const history = [
    ...[invoke(1, 'a'), accepted(2, 'a', 'p1'), info(3, 'a')],
    ...[invoke(4, 'b'), info(5, 'b')],
    ...[invoke(6, 'c'), accepted(7, 'c', 'p3'), ok(8, 'c')],
    ...[invoke(9, 'd'), accepted(10, 'd', 'p4')],
  ]
  expect(history.map((event) => condition.add(event)).filter(Boolean)).toEqual([])
  expect(condition.add(info(11, 'd'))).toBe('2 jobs were lost')
})

test('jobs failed: however they ended, if not well', () => {
  const condition = stopCondition(scriptedExperiment({ stopWhen: { jobsFailed: 2 } }))
  expect(condition.add(refused(1, 'a'))).toBeUndefined()
  expect(condition.add(info(2, 'b'))).toBe('2 jobs failed')
})

test('unhealthy: without a break, also when nothing happens meanwhile', () => {
  const condition = stopCondition(scriptedExperiment({ stopWhen: { unhealthyMs: 100 } }))
  condition.add(health(0, 'UNHEALTHY'))
  condition.add(health(90, 'HEALTHY'))
  expect(condition.at(150)).toBeUndefined()
  condition.add(health(200, 'UNHEALTHY'))
  condition.add(health(250, 'UNHEALTHY'))
  expect(condition.add(at(299, { type: 'phase', phase: 'x', what: 'begin' }))).toBeUndefined()
  expect(condition.at(300)).toBe('comfyui was unhealthy for 100 ms')
})

test('a check: as soon as it fails on an operation that has settled', () => {
  const condition = stopCondition(scriptedExperiment({ stopWhen: { checks: ['no-lost-jobs'] } }))
  for (const event of [invoke(1, 'a'), accepted(2, 'a', 'p1'), info(3, 'a')]) condition.add(event)
  expect(condition.at(1_500)).toBeUndefined()
  expect(condition.at(2_500)).toBe('no-lost-jobs failed: of 1 accepted jobs: 1 lost (a)')
})
