import { describe, expect, test } from 'vitest'
import type { HistoryEvent } from '../history/event.ts'
import { faultWasFelt } from './fault-was-felt.ts'
import { makesProgress } from './makes-progress.ts'
import { noLostJobs } from './no-lost-jobs.ts'
import { outputsIntact } from './outputs-intact.ts'
import { recoversWithin } from './recovers-within.ts'
import {
  accepted,
  at,
  health,
  info,
  invoke,
  killed,
  ok,
  refused,
  scriptedExperiment,
  wrote,
} from './scripted-run.ts'

const experiment = scriptedExperiment()

describe('no-lost-jobs', () => {
  test('passes when every accepted job ended once, and knows a definite no', () => {
    const history = [
      invoke(0, 'a'),
      accepted(1, 'a', 'p1'),
      ok(9, 'a'),
      invoke(0, 'b'),
      accepted(1, 'b', 'p2'),
      refused(5, 'b'),
    ]
    expect(noLostJobs(experiment, history)).toMatchObject({ outcome: 'pass' })
  })
  test('names lost, endless and duplicated jobs', () => {
    const history = [
      ...[invoke(0, 'a'), accepted(1, 'a', 'p1'), info(9, 'a')],
      ...[invoke(0, 'b'), accepted(1, 'b', 'p2')],
      ...[invoke(0, 'c'), accepted(1, 'c', 'p3'), ok(7, 'c'), ok(8, 'c')],
    ]
    const result = noLostJobs(experiment, history)
    expect(result.outcome).toBe('fail')
    expect(result.reason).toBe('of 3 accepted jobs: 1 lost (a); 1 never ended (b); 1 duplicated (c)')
    expect(result.details).toEqual([
      'image job a on comfyui (p1) lost: socket closed',
      'image job b on comfyui (p2) never ended',
      'image job c on comfyui (p3) ended 2 times',
    ])
  })
  test('believes the journal, not the client: disowned, stolen and ghost jobs', () => {
    const done = (jobId: string) =>
      at(4, { type: 'journal', service: 'comfyui', event: 'job-finished', jobId, outcome: 'success' })
    const took = (jobId: string) =>
      at(2, { type: 'journal', service: 'comfyui', event: 'job-accepted', jobId })
    const disowned = [invoke(0, 'a'), took('p1'), accepted(1, 'a', 'p1'), done('p1'), refused(5, 'a')]
    expect(noLostJobs(experiment, disowned).reason).toBe('of 1 accepted jobs: 1 disowned (a)')
    const one = [took('p1'), done('p1')]
    const shared = ['a', 'b'].flatMap((op) => [invoke(0, op), accepted(1, op, 'p1'), ok(9, op)])
    expect(noLostJobs(experiment, [...shared, ...one]).reason).toBe('of 2 accepted jobs: 2 stolen (a, b)')
    const twice = [invoke(0, 'a'), took('p1'), took('p2'), accepted(1, 'a', 'p1'), ok(9, 'a')]
    expect(noLostJobs(experiment, twice).reason).toBe('of 1 accepted jobs: 1 ghost (p2)')
    expect(noLostJobs(experiment, [invoke(0, 'a'), took('p1'), refused(5, 'a')]).outcome).toBe('fail')
  })
  test('a submission whose outcome is honestly unknown may have left a ghost', () => {
    const took = at(2, { type: 'journal', service: 'comfyui', event: 'job-accepted', jobId: 'p1' })
    const other = [invoke(0, 'b'), accepted(1, 'b', 'p2'), ok(9, 'b')]
    expect(noLostJobs(experiment, [...other, invoke(0, 'a'), took, info(5, 'a')]).outcome).toBe('pass')
  })
  test('is unknown when nothing was accepted, however many were tried', () => {
    expect(noLostJobs(experiment, [invoke(0, 'a'), info(3, 'a')]).outcome).toBe('unknown')
    expect(noLostJobs(experiment, []).outcome).toBe('unknown')
  })
})

describe('outputs-intact', () => {
  const done = [invoke(0, 'a'), accepted(1, 'a', 'p1'), ok(9, 'a', 'aa')]
  test('passes when the bytes are those of the journal', () => {
    expect(outputsIntact(experiment, [...done, wrote(5, 'p1', 'aa')])).toMatchObject({ outcome: 'pass' })
  })
  test('follows a job that was handed in again under another id', () => {
    const again = at(4, { type: 'job', service: 'comfyui', jobId: 'p1', what: 'resubmitted', newJobId: 'p2' })
    expect(
      outputsIntact(experiment, [...done.slice(0, 2), again, wrote(5, 'p2', 'aa'), ok(9, 'a', 'aa')]),
    ).toMatchObject({
      outcome: 'pass',
    })
  })
  test('fails for damaged bytes, for the file of another job, and for a wrong media type', () => {
    expect(outputsIntact(experiment, [...done, wrote(5, 'p1', 'bb')]).outcome).toBe('fail')
    expect(outputsIntact(experiment, [...done, wrote(5, 'p9', 'aa')]).details).toEqual([
      'a: 3 bytes (aa) belong to another job',
    ])
    const html = [...done.slice(0, 2), ok(9, 'a', 'aa', 'text/html'), wrote(5, 'p1', 'aa')]
    expect(outputsIntact(experiment, html).details).toEqual(['a: a image job returned text/html'])
  })
  test('is unknown without a journal, and without any output', () => {
    expect(outputsIntact(experiment, done).outcome).toBe('unknown')
    expect(outputsIntact(experiment, []).outcome).toBe('unknown')
  })
  test('matches text by its bytes, because the gateway gives ids of its own', () => {
    const text = [invoke(0, 'a', 'text'), accepted(1, 'a', 'g1'), ok(9, 'a', 'cc', 'text/plain')]
    expect(outputsIntact(experiment, [...text, wrote(5, 'u1', 'cc', 'upstream')]).outcome).toBe('pass')
    expect(outputsIntact(experiment, [...text, wrote(5, 'u1', 'dd', 'upstream')]).outcome).toBe('fail')
  })
})

describe('makes-progress', () => {
  test('passes with work before and after the heal', () => {
    const history = [
      invoke(0, 'a'),
      accepted(1, 'a', 'p'),
      ok(5, 'a'),
      ...killed(10, 20),
      invoke(21, 'b'),
      ok(30, 'b'),
    ]
    expect(makesProgress(experiment, history).outcome).toBe('pass')
  })
  test('fails when nothing ended well, or nothing after the heal', () => {
    expect(makesProgress(experiment, [invoke(0, 'a'), info(5, 'a')]).outcome).toBe('fail')
    const stuck = [invoke(0, 'a'), ok(5, 'a'), ...killed(10, 20), invoke(21, 'b'), info(30, 'b')]
    expect(makesProgress(experiment, stuck).outcome).toBe('fail')
  })
  test('is unknown when nothing was left to do after the heal, and when nothing was done at all', () => {
    expect(makesProgress(experiment, [invoke(0, 'a'), ok(5, 'a'), ...killed(10, 20)]).outcome).toBe('unknown')
    expect(makesProgress(experiment, []).outcome).toBe('unknown')
  })
})

describe('recovers-within', () => {
  const before = [invoke(0, 'a'), accepted(1, 'a', 'p')]
  test('passes and gives the three times', () => {
    const history = [
      ...before,
      ...killed(10, 100),
      health(15, 'UNHEALTHY'),
      health(130, 'HEALTHY'),
      ok(250, 'a'),
    ]
    expect(recoversWithin(experiment, history)).toEqual({
      outcome: 'pass',
      reason:
        'kill of comfyui: noticed after 5 ms, healthy 30 ms after the heal, first operation ok after 150 ms',
    })
  })
  test('fails when it took too long, each time by name', () => {
    const slow = scriptedExperiment({ budgets: { recoveryMsMax: 20, detectionMsMax: 2 } })
    const history = [
      ...before,
      ...killed(10, 100),
      health(15, 'UNHEALTHY'),
      health(130, 'HEALTHY'),
      ok(250, 'a'),
    ]
    expect(recoversWithin(slow, history).details).toEqual([
      'kill of comfyui: noticed after 5 ms, budget 2 ms',
      'kill of comfyui: healthy again after 30 ms, budget 20 ms',
      'kill of comfyui: first operation ended well after 150 ms, budget 20 ms',
    ])
  })
  test('fails when the client never noticed, never came back, or never worked again', () => {
    expect(recoversWithin(experiment, [...before, ...killed(10, 100), info(200, 'a')]).details).toEqual([
      'kill of comfyui: the client never noticed it',
      'kill of comfyui: the client never found it healthy again',
      'kill of comfyui: no operation on it ended well afterwards',
    ])
  })
  test('a fault that leaves the service up may pass unnoticed, but operations must go on; an outage may not', () => {
    const judged = (isOutage: boolean, last: HistoryEvent) =>
      recoversWithin(experiment, [...before, ...killed(10, 100, true, isOutage), last])
    expect(judged(false, ok(250, 'a'))).toEqual({
      outcome: 'pass',
      reason: 'kill of comfyui: first operation ok after 150 ms',
    })
    expect(judged(true, ok(250, 'a')).outcome).toBe('fail')
    expect(judged(false, info(200, 'a')).details).toEqual([
      'kill of comfyui: no operation on it ended well afterwards',
    ])
  })
  test('what the client notices of the next fault is not the first one’s', () => {
    const history = [
      ...before,
      ...killed(10, 100),
      ok(150, 'a'),
      ...killed(200, 300, true, true, 1),
      health(210, 'UNHEALTHY'),
      health(320, 'HEALTHY'),
      invoke(330, 'b'),
      ok(350, 'b'),
    ]
    expect(recoversWithin(experiment, history).details).toEqual([
      'kill of comfyui: the client never noticed it',
      'kill of comfyui: the client never found it healthy again',
    ])
  })
  test('is unknown without a fault', () => {
    expect(recoversWithin(experiment, before).outcome).toBe('unknown')
  })
})

describe('fault-was-felt', () => {
  test('passes with a receipt that bit', () => {
    expect(faultWasFelt(experiment, killed(10, 20))).toMatchObject({
      outcome: 'pass',
      reason: 'kill of comfyui: process 7 ended by SIGKILL',
    })
  })
  test('is unknown when it did not bite, and when its moment never came', () => {
    expect(faultWasFelt(experiment, killed(10, 20, false)).outcome).toBe('unknown')
    expect(faultWasFelt(experiment, []).reason).toBe('kill of comfyui: its moment never came')
  })
})
